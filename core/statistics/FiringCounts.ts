/**
 * Every (subcomponent, token, bin) of a module that occurs, sorted by all three: plain arrays, one entry each.
 * Subcomponent c has the entries starts[c] ≤ i < starts[c + 1].
 */
export interface FiringCounts {
  /** uint32[C + 1] */
  readonly starts: Uint32Array
  readonly tokenIds: Uint32Array
  /** Number of levels the causal importance exceeds, 1 to G (`binOf`). */
  readonly bins: Uint8Array
  /** Positions, at least 1. */
  readonly counts: Uint32Array
  /** Bit b is set where stories of jackknife block b are among them. */
  readonly blocks: Uint16Array
}
