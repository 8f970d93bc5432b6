import type { CoFiringPartner } from '../../statistics/CoFiringPartner.ts'
import type { FiringSample } from '../../statistics/FiringSample.ts'
import type { FiringWindow } from '../../statistics/FiringWindow.ts'
import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import type { TokenMass } from '../../statistics/TokenMass.ts'

/** Everything an index is built from: a harvest, and what the bundle knows of its modules and tokens. */
export interface IndexSource {
  readonly positionCount: number
  /** As the tokenizer writes them, one a row of the vocabulary; null where it has none. */
  readonly tokens: readonly (string | null)[]
  /** uint32[vocabulary]: T. */
  readonly occurrences: Uint32Array
  /** float64[vocabulary]: probability of each output token, summed over all positions; absent where it is not known. */
  readonly outputTotals?: Float64Array
  /** The corpus, every story's token ids; none where the stories are not known. */
  readonly stories: readonly Uint32Array[]
  readonly exampleStories: readonly ExampleStory[]
  /** Positions an example's window reaches each way. */
  readonly windowRadius: number
  /** In order of execution. */
  readonly modules: readonly SourceModule[]
}

/** A short story of the corpus in its own words. */
export interface ExampleStory {
  /** Index in the corpus. */
  readonly story: number
  readonly text: string
}

export interface SourceModule {
  readonly path: string
  readonly layer: number | null
  readonly kind: string
  readonly C: number
  /** ‖U[c]‖₂ of each subcomponent. */
  readonly writeNorms: ArrayLike<number>
  /** Read when its turn comes, so that one module is in memory at a time. */
  readActivity(): Promise<SourceActivity>
}

/** A module's activity: what every harvest has, and what only some have, which is absent from the others. */
export interface SourceActivity {
  readonly tokenCounts: readonly TokenCounts[]
  /** float64[C]: Σ CI over all positions, in units of CI_UNIT; NaN where it is not known. */
  readonly ciSums: Float64Array
  /** Firings of the source's stories, or of stories that are not known: a list of windows a subcomponent. */
  readonly examples: FiringSample | readonly (readonly FiringWindow[])[]
  /** Output tokens of each subcomponent, a choice. */
  readonly outputTokens?: readonly (readonly TokenMass[])[]
  /** Partners of each subcomponent, a choice. */
  readonly coFirings?: readonly (readonly CoFiringPartner[])[]
}
