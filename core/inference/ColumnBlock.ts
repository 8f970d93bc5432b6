/**
 * Causal importances of some columns of one module over a batch's rows (BatchLayout), the zeros left out: columns[i] holds
 * the entries starts[i] ≤ e < starts[i + 1], rows ascending. Arrays but `columns` may be longer than what is in use, and
 * belong to who made them until it makes the next.
 */
export interface ColumnBlock {
  /** Columns of the graph's output, ascending, 0 ≤ column < subcomponents kept. */
  readonly columns: Uint32Array
  /** uint32[columns + 1] */
  readonly starts: Uint32Array
  readonly rows: Uint32Array
  /** float32, each > 0 (NaN is refused where it is made). */
  readonly causalImportances: Float32Array
  /** float32: h of the unmasked target model there. */
  readonly innerActivations: Float32Array
  /** float32[columns, sampled rows]: h at every sampled row, whatever its CI. */
  readonly sampledActivations: Float32Array
}
