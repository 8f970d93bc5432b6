import type { SampleRow } from '../querySample.ts'
import type { SubcomponentRow } from '../querySubcomponent.ts'
import type { TokenTable } from '../queryTokens.ts'
import type { TopToken } from '../queryTopTokens.ts'

/** What the summary says, against which the other files of an index are checked. */
export interface IndexFacts {
  readonly tokens: TokenTable
  /** N */
  readonly positionCount: number
  readonly modules: readonly ModuleFacts[]
  /** Active is CI strictly greater. */
  readonly threshold: number
  /** Positions that co-firing and output tokens are counted on; null where those are all, or none. */
  readonly sample: SampleRow | null
  /** null where the stories are not known. */
  readonly storyCount: number | null
  /** Most that a count of the harvest may be off. */
  readonly countSlack: (count: number) => number
  /** Most that a mean CI may be off. */
  readonly meanSlack: (mean: number) => number
}

export interface ModuleFacts {
  readonly path: string
  /** By number. */
  readonly subcomponents: ReadonlyMap<number, SubcomponentFacts>
}

export interface SubcomponentFacts extends SubcomponentRow {
  /** The ten most frequent. */
  readonly topTokens: readonly TopToken[]
}
