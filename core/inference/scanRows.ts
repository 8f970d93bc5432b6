import { importanceOf, type ScalarTables } from './scalarTables.ts'

/** Rows looked at together, so that an interval is loaded once for all of them. */
export const TILE_ROWS = 8

/** What is scanned, and the entries of the tile that was scanned last. */
export interface RowScan {
  readonly tables: ScalarTables
  /** float64[C] each: where CI is certainly 0, finite; an empty interval starts after it ends. */
  readonly starts: Float64Array
  readonly ends: Float64Array
  /** uint32[TILE_ROWS, C] and float32[TILE_ROWS, C]: columns, ascending, and CI > 0; the first `counts[row]` are in use. */
  readonly columns: Uint32Array
  readonly causalImportances: Float32Array
  readonly counts: Uint32Array
}

/** A scan of nothing so far. */
export function createRowScan(tables: ScalarTables, starts: Float64Array, ends: Float64Array): RowScan {
  const size = TILE_ROWS * starts.length
  const entries = { columns: new Uint32Array(size), causalImportances: new Float32Array(size) }
  return { tables, starts, ends, ...entries, counts: new Uint32Array(TILE_ROWS) }
}

/**
 * Finds the causal importances above 0 of inner activations float32[TILE_ROWS, C] from row `row`. The body is written out
 * for eight rows: as a loop over rows it takes twice as long. A number that is not finite is `model/failed`.
 */
export function scanTile(scan: RowScan, innerActivations: Float32Array, row: number): void {
  const { starts, ends, counts } = scan
  const C = starts.length
  counts.fill(0)
  for (let c = 0; c < C; c++) {
    const start = starts[c] ?? 0
    const end = ends[c] ?? 0
    const i = row * C + c
    const h0 = innerActivations[i] ?? 0
    const h1 = innerActivations[i + C] ?? 0
    const h2 = innerActivations[i + 2 * C] ?? 0
    const h3 = innerActivations[i + 3 * C] ?? 0
    const h4 = innerActivations[i + 4 * C] ?? 0
    const h5 = innerActivations[i + 5 * C] ?? 0
    const h6 = innerActivations[i + 6 * C] ?? 0
    const h7 = innerActivations[i + 7 * C] ?? 0
    // NaN is in no interval.
    if (!(h0 >= start && h0 <= end)) add(scan, 0, c, h0)
    if (!(h1 >= start && h1 <= end)) add(scan, 1, c, h1)
    if (!(h2 >= start && h2 <= end)) add(scan, 2, c, h2)
    if (!(h3 >= start && h3 <= end)) add(scan, 3, c, h3)
    if (!(h4 >= start && h4 <= end)) add(scan, 4, c, h4)
    if (!(h5 >= start && h5 <= end)) add(scan, 5, c, h5)
    if (!(h6 >= start && h6 <= end)) add(scan, 6, c, h6)
    if (!(h7 >= start && h7 <= end)) add(scan, 7, c, h7)
  }
}

/** The same for row `row` alone, whose entries are the tile's first row. */
export function scanRow(scan: RowScan, innerActivations: Float32Array, row: number): void {
  const { starts, ends, counts } = scan
  const C = starts.length
  counts.fill(0)
  for (let c = 0; c < C; c++) {
    const h = innerActivations[row * C + c] ?? 0
    if (!(h >= (starts[c] ?? 0) && h <= (ends[c] ?? 0))) add(scan, 0, c, h)
  }
}

function add({ tables, columns, causalImportances, counts }: RowScan, tileRow: number, c: number, h: number): void {
  const count = counts[tileRow] ?? 0
  const i = tileRow * tables.source.C + count
  columns[i] = c
  causalImportances[i] = importanceOf(tables, c, h)
  // Rounded to float32, the smallest are 0.
  counts[tileRow] = (causalImportances[i] ?? 0) > 0 ? count + 1 : count
}
