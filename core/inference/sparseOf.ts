import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { SparseCi } from './SparseCi.ts'

/** The causal importances above 0 of float32[rows, C], in arrays of their own; NaN is `model/failed`. */
export function sparseOf(dense: Float32Array, rowCount: number, C: number): SparseCi {
  invariant(dense.length >= rowCount * C, `${dense.length} causal importances, expected ${rowCount} × ${C}`)
  const rowStarts = new Uint32Array(rowCount + 1)
  let count = 0
  for (let row = 0; row < rowCount; row++) {
    const end = (row + 1) * C
    for (let i = row * C; i < end; i++) {
      if ((dense[i] ?? 0) <= 0) continue
      if (Number.isNaN(dense[i])) {
        throw new AtlasError('model/failed', `causal importances: NaN at row ${row}, column ${i - row * C}`)
      }
      count += 1
    }
    rowStarts[row + 1] = count
  }
  const columns = new Uint32Array(count)
  const causalImportances = new Float32Array(count)
  let entry = 0
  for (let row = 0; row < rowCount; row++) {
    const start = row * C
    for (let i = start; i < start + C; i++) {
      const ci = dense[i] ?? 0
      if (ci <= 0) continue
      columns[entry] = i - start
      causalImportances[entry] = ci
      entry += 1
    }
  }
  return { rowCount, rowStarts, columns, causalImportances }
}
