import type { SparseCi } from './SparseCi.ts'
import type { RowScan } from './scanRows.ts'

/** Gathers the rows of scanned tiles in arrays that grow and are used again. */
export interface RowAppender {
  start(rowCount: number): void
  /** Row `row`, which follows the one before, from row `tileRow` of the tile scanned last. */
  row(row: number, tileRow: number): void
  /** What was gathered since the start, until the next. */
  finish(): SparseCi
}

/** An appender of what `scan` finds. */
export function createRowAppender(scan: RowScan): RowAppender {
  const C = scan.starts.length
  let rowCount = 0
  let rowStarts = new Uint32Array(1)
  let columns = new Uint32Array(C)
  let causalImportances = new Float32Array(C)

  const makeRoom = (entries: number): void => {
    if (entries <= columns.length) return
    const [largerColumns, largerImportances] = [new Uint32Array(2 * entries), new Float32Array(2 * entries)]
    largerColumns.set(columns)
    largerImportances.set(causalImportances)
    columns = largerColumns
    causalImportances = largerImportances
  }

  return {
    start: (rows) => {
      rowCount = rows
      if (rowStarts.length <= rows) rowStarts = new Uint32Array(rows + 1)
    },
    row: (row, tileRow) => {
      const start = rowStarts[row] ?? 0
      const count = scan.counts[tileRow] ?? 0
      makeRoom(start + count)
      for (let i = 0; i < count; i++) {
        columns[start + i] = scan.columns[tileRow * C + i] ?? 0
        causalImportances[start + i] = scan.causalImportances[tileRow * C + i] ?? 0
      }
      rowStarts[row + 1] = start + count
    },
    finish: () => ({ rowCount, rowStarts, columns, causalImportances }),
  }
}
