/** What must be equal for two harvests to be added up; numbers are those of harvest.json. */
export interface HarvestSettings {
  readonly vocabularySize: number
  /** Most positions of a story. */
  readonly contextLength: number
  /** The run's threshold: active is CI strictly greater. One of `levels`. */
  readonly threshold: number
  /** Thresholds at which counts are kept, ascending; G is their number, at most 255. */
  readonly levels: readonly number[]
  /** Of every hash. */
  readonly seed: number
  /** Firings of a subcomponent kept as a uniform sample, at most 255. */
  readonly examplesPerSubcomponent: number
  /** Firings of a subcomponent kept for their |h|, at most 255. */
  readonly strongestPerSubcomponent: number
  /** Positions an example's window reaches each way. */
  readonly windowRadius: number
  /** Share of the positions that are sampled, by hash: 0 to 1. */
  readonly sampleShare: number
  /** Consecutive stories of a part. */
  readonly partStories: number
  /** K, the token categories counted; 0 where tokens are not tagged. */
  readonly categoryCount: number
  readonly modules: readonly { readonly path: string; readonly C: number }[]
}

/** Blocks of stories, by hash, that the jackknife leaves out in turn. */
export const JACKKNIFE_BLOCKS = 16
/** Steps of CI of `ciHistogram`. */
export const CI_STEPS = 20
