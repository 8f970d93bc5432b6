import { invariant } from '../errors/invariant.ts'
import type { BatchLayout } from '../statistics/BatchLayout.ts'
import type { ColumnBlock } from './ColumnBlock.ts'
import { importanceOf, type ScalarTables } from './scalarTables.ts'

/** What is scanned: where CI is certainly 0, and what it is elsewhere. */
export interface ColumnScanSource {
  readonly tables: ScalarTables
  /** float64[C] each, finite; an empty interval starts after it ends. */
  readonly starts: Float64Array
  readonly ends: Float64Array
}

/** Finds the causal importances above 0 of the inner activations float32[columns, rows] of `columns`. */
export type ScanColumns = (
  innerActivations: Float32Array,
  columns: Uint32Array,
  layout: Pick<BatchLayout, 'rowCount' | 'sampledRows'>,
) => ColumnBlock

/**
 * A scan whose blocks are its own, overwritten by the next. By columns, since the interval, the table and all that is
 * counted of a subcomponent then stay in the processor's first cache. A number that is not finite is `model/failed`.
 */
export function createColumnScan({ tables, starts: intervalStarts, ends }: ColumnScanSource): ScanColumns {
  let starts = new Uint32Array(1)
  let rows = new Uint32Array(1024)
  let causalImportances = new Float32Array(1024)
  let innerActivations = new Float32Array(1024)

  const makeRoom = (entries: number): void => {
    if (entries <= rows.length) return
    const larger = [new Uint32Array(2 * entries), new Float32Array(2 * entries), new Float32Array(2 * entries)] as const
    larger[0].set(rows)
    larger[1].set(causalImportances)
    larger[2].set(innerActivations)
    ;[rows, causalImportances, innerActivations] = larger
  }

  return (activations, columns, layout) => {
    const columnCount = columns.length
    const { rowCount, sampledRows } = layout
    invariant(activations.length >= columnCount * rowCount, `${activations.length} inner activations`)
    if (starts.length <= columnCount) starts = new Uint32Array(columnCount + 1)
    let entry = 0
    for (let i = 0; i < columnCount; i++) {
      makeRoom(entry + rowCount)
      const c = columns[i] ?? 0
      const first = i * rowCount
      const found = outside(activations, first, rowCount, intervalStarts[c] ?? 0, ends[c] ?? 0, rows, entry)
      let kept = entry
      for (let e = entry; e < found; e++) {
        const row = rows[e] ?? 0
        const h = activations[first + row] ?? 0
        causalImportances[kept] = importanceOf(tables, c, h)
        // Rounded to float32, the smallest are 0.
        if (!((causalImportances[kept] ?? 0) > 0)) continue
        rows[kept] = row
        innerActivations[kept] = h
        kept += 1
      }
      entry = kept
      starts[i + 1] = entry
    }
    const sampledActivations = sampledOf(activations, columnCount, rowCount, sampledRows)
    return { columns, starts, rows, causalImportances, innerActivations, sampledActivations }
  }
}

/**
 * Writes the rows whose h is not in [start, end] (NaN is in none) to `rows` from `entry` on; returns where they end. Four
 * rows at a time are passed over by one jump, which takes half as long where a tenth of them lie outside.
 */
function outside(
  activations: Float32Array,
  first: number,
  rowCount: number,
  start: number,
  end: number,
  rows: Uint32Array,
  entry: number,
): number {
  let at = entry
  let row = 0
  for (; row + 4 <= rowCount; row += 4) {
    const i = first + row
    const h0 = activations[i] ?? 0
    const h1 = activations[i + 1] ?? 0
    const h2 = activations[i + 2] ?? 0
    const h3 = activations[i + 3] ?? 0
    const isInside0 = h0 >= start && h0 <= end
    const isInside1 = h1 >= start && h1 <= end
    const isInside2 = h2 >= start && h2 <= end
    const isInside3 = h3 >= start && h3 <= end
    if (isInside0 && isInside1 && isInside2 && isInside3) continue
    if (!isInside0) rows[at++] = row
    if (!isInside1) rows[at++] = row + 1
    if (!isInside2) rows[at++] = row + 2
    if (!isInside3) rows[at++] = row + 3
  }
  for (; row < rowCount; row++) {
    const h = activations[first + row] ?? 0
    if (!(h >= start && h <= end)) rows[at++] = row
  }
  return at
}

/** float32[columns, sampled rows] */
function sampledOf(
  activations: Float32Array,
  columnCount: number,
  rowCount: number,
  sampledRows: Uint32Array,
): Float32Array {
  const width = sampledRows.length
  if (width === rowCount) return activations
  const sampled = new Float32Array(columnCount * width)
  for (let i = 0; i < columnCount; i++) {
    for (let s = 0; s < width; s++) sampled[i * width + s] = activations[i * rowCount + (sampledRows[s] ?? 0)] ?? 0
  }
  return sampled
}
