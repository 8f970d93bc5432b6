import type { CoFiringPartner } from '../../statistics/CoFiringPartner.ts'
import type { FiringCounts } from '../../statistics/FiringCounts.ts'
import type { FiringSample } from '../../statistics/FiringSample.ts'
import type { FiringWindow } from '../../statistics/FiringWindow.ts'
import type { SampledPositions } from '../../statistics/SampledPositions.ts'
import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import type { TokenMass } from '../../statistics/TokenMass.ts'

/** Everything an index is built from: a harvest, and what the bundle knows of its modules and tokens. */
export interface IndexSource {
  readonly positionCount: number
  /** The run's threshold: active is CI strictly greater. */
  readonly threshold: number
  /** Thresholds at which counts are kept, ascending, the run's among them; absent where that is the only one. */
  readonly levels?: readonly number[]
  /** As the tokenizer writes them, one a row of the vocabulary; null where it has none. */
  readonly tokens: readonly (string | null)[]
  /** uint32[vocabulary]: T. */
  readonly occurrences: Uint32Array
  /** uint32[vocabulary, K]: occurrences by TOKEN_CATEGORIES; absent where tokens are not tagged. */
  readonly categoryCounts?: Uint32Array
  /** Stories that reach each position; absent where they are not known. */
  readonly storiesByPosition?: Uint32Array
  /** float64[JACKKNIFE_BLOCKS]: positions of each block of stories; absent where they are not known. */
  readonly blockPositions?: Float64Array
  /** Positions that co-firing and output tokens are counted on, of `drawn` that there are; absent where there are none. */
  readonly sample?: { readonly drawn: number; readonly positions: SampledPositions }
  /** float64[vocabulary]: probability of each output token, summed over all positions; absent where it is not known or sampled. */
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
  /** Counts at every level of the source; absent where it has one. */
  readonly firingCounts?: FiringCounts
  /** uint32[C, JACKKNIFE_BLOCKS]: firings by block of stories. */
  readonly blockCounts?: Uint32Array
  readonly histograms?: SourceHistograms
  /** Firings with the greatest |h|. */
  readonly strongest?: FiringSample
  /** float64[positions of a story, levels]: subcomponents in bin b at [p, b − 1], summed over stories. */
  readonly l0ByPosition?: Float64Array
  /** Output tokens of each subcomponent, a choice. */
  readonly outputTokens?: readonly (readonly TokenMass[])[]
  /** Partners of each subcomponent, a choice. */
  readonly coFirings?: readonly (readonly CoFiringPartner[])[]
}

/** Row-major, a row a subcomponent. */
export interface SourceHistograms {
  /** uint32[C, CI_STEPS]: firings. */
  readonly ci: Uint32Array
  /** uint32[C, ACTIVATION_BINS]: firings. */
  readonly activation: Uint32Array
  /** uint32[C, ACTIVATION_BINS]: sampled positions. */
  readonly sampledActivation: Uint32Array
}
