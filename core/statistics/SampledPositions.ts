/** Some of a harvest's sampled positions, in the order they were run: plain arrays, rows one after the other. */
export interface SampledPositions {
  /** Number of positions. */
  readonly rowCount: number
  /** uint32[rows]: index in the corpus. */
  readonly stories: Uint32Array
  /** uint32[rows] */
  readonly positions: Uint32Array
  /** uint32[rows]: the token there. */
  readonly tokenIds: Uint32Array
  /** The target model's next-token probabilities ≥ MIN_OUTPUT_PROBABILITY. */
  readonly outputs: {
    /** uint32[rows + 1]: row r has the entries starts[r] ≤ i < starts[r + 1]. */
    readonly starts: Uint32Array
    /** Ascending in a row. */
    readonly tokenIds: Uint32Array
    /** In units of OUTPUT_PROBABILITY_UNIT, whole numbers. */
    readonly probabilities: Uint32Array
  }
  /** Subcomponents active at the run's threshold, of each module in order of execution. */
  readonly modules: readonly {
    /** uint32[rows + 1] */
    readonly starts: Uint32Array
    /** Ascending in a row. */
    readonly subcomponents: Uint32Array
  }[]
}

/** Probabilities are kept in whole multiples of it; a float64 sum of them is exact up to 2²⁹ positions. */
export const OUTPUT_PROBABILITY_UNIT = 2 ** -24

/** Least next-token probability kept of a sampled position. */
export const MIN_OUTPUT_PROBABILITY = 2 ** -12
