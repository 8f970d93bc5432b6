import type { Manifest } from '../../core/bundle/manifest.ts'
import type { CoFiringRow } from '../../core/bundle/queryCoFirings.ts'
import type { ExampleStoryRow } from '../../core/bundle/queryExampleStories.ts'
import type { ExampleRow } from '../../core/bundle/queryExamples.ts'
import type { SubcomponentHistograms } from '../../core/bundle/queryHistograms.ts'
import type { ModuleRow } from '../../core/bundle/queryModules.ts'
import type { OutputTokenRow } from '../../core/bundle/queryOutputTokens.ts'
import type { SubcomponentAddress, SubcomponentRow } from '../../core/bundle/querySubcomponent.ts'
import type {
  SubcomponentQuery,
  SubcomponentTable,
  SubcomponentTableRow,
} from '../../core/bundle/querySubcomponents.ts'
import type { SubcomponentTokenRow } from '../../core/bundle/queryTokens.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import type { Reply } from './Reply.ts'

/**
 * The index of runs. Every question names its run by the absolute URL of the bundle's folder, ending in a slash, so
 * that it can be put to a fresh worker; files are fetched when first needed and kept.
 */
export interface IndexApi {
  /** Fetches the manifest and the summary. */
  openRun(bundleUrl: string, onProgress: OnProgress): Promise<Reply<OpenedRun>>
  listSubcomponents(bundleUrl: string, query: SubcomponentQuery): Promise<Reply<SubcomponentTable>>
  /** All rows of `query` as text, whatever its offset and limit; columns named as in `atlas table`. */
  exportSubcomponents(bundleUrl: string, query: SubcomponentQuery, format: ExportFormat): Promise<Reply<string>>
  /** A subcomponent from the summary alone. */
  describeSubcomponent(bundleUrl: string, address: SubcomponentAddress): Promise<Reply<SubcomponentDescription>>
  /** Its tokens, examples and associations, fetching the block of detail they lie in. */
  readDetail(
    bundleUrl: string,
    address: SubcomponentAddress,
    onProgress: OnProgress,
  ): Promise<Reply<SubcomponentDetail>>
  /** The rows of `addresses` with up to five top tokens each, in their order. */
  describeSubcomponents(
    bundleUrl: string,
    addresses: readonly SubcomponentAddress[],
  ): Promise<Reply<readonly SubcomponentTableRow[]>>
  /** The active subcomponent `share` (0 to 1, exclusive) of the way through a module's, or the run's where null. */
  findActive(bundleUrl: string, moduleId: number | null, share: number): Promise<Reply<SubcomponentAddress | null>>
  listExampleStories(bundleUrl: string): Promise<Reply<readonly ExampleStoryRow[]>>
}

export type ExportFormat = 'csv' | 'json'

export interface OpenedRun {
  readonly manifest: Manifest
  /** In order of execution. */
  readonly modules: readonly ModuleRow[]
}

export interface SubcomponentDescription {
  readonly row: SubcomponentRow
  /** Numbers of the subcomponents one rank above and below in the module; null at the ends and where dead. */
  readonly previous: number | null
  readonly next: number | null
}

export interface SubcomponentDetail {
  /** Most firings first. */
  readonly tokens: readonly SubcomponentTokenRow[]
  /** A uniform sample of firings, in the sample's order. */
  readonly examples: readonly ExampleRow[]
  /** The firings with the greatest |inner activation|, greatest first; none where the index has no such list. */
  readonly strongest: readonly ExampleRow[]
  /** null where the index has none. */
  readonly histograms: SubcomponentHistograms | null
  /** Positions that co-firings and output tokens are counted on, of all; null where it is all of them. */
  readonly sampledPositions: number | null
  /** Most positions together first; null where the index has no co-firings. */
  readonly coFirings: readonly CoFiringRow[] | null
  /** Most probability first; null where the index has no output tokens. */
  readonly outputTokens: readonly OutputTokenRow[] | null
}
