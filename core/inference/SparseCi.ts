/**
 * Causal importances of one module over some rows, the zeros left out: row r holds the entries
 * rowStarts[r] ≤ i < rowStarts[r + 1], columns ascending. Arrays may be longer than what is in use, and belong to who
 * made them until it makes the next.
 */
export interface SparseCi {
  readonly rowCount: number
  /** uint32[rows + 1] */
  readonly rowStarts: Uint32Array
  /** Column of the graph's output, 0 ≤ column < subcomponents kept. */
  readonly columns: Uint32Array
  /** float32, each > 0 (NaN is refused where it is made). */
  readonly causalImportances: Float32Array
}
