import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { BatchLayout } from '../statistics/BatchLayout.ts'
import type { ColumnBlock } from './ColumnBlock.ts'

/** One module's outputs of a padded batch, float32[B · T, C] each. */
export interface RowOutputs {
  readonly causalImportances: Float32Array
  readonly innerActivations: Float32Array
}

/** All C columns of what a graph gives row by row, padding left out; NaN is `model/failed`. */
export function columnsOfRows(outputs: RowOutputs, layout: BatchLayout, C: number): ColumnBlock {
  const { causalImportances: dense, innerActivations: activations } = outputs
  const size = layout.B * layout.T * C
  invariant(dense.length === size && activations.length === size, `${dense.length} numbers, expected ${size}`)
  const starts = startsOfColumns(dense, layout, C)
  const next = starts.slice()
  const count = starts[C] ?? 0
  const [rows, causalImportances] = [new Uint32Array(count), new Float32Array(count)]
  const innerActivations = new Float32Array(count)
  for (let row = 0; row < layout.rowCount; row++) {
    const first = (layout.paddedRows[row] ?? 0) * C
    for (let column = 0; column < C; column++) {
      const ci = dense[first + column] ?? 0
      if (ci <= 0) continue
      const entry = next[column] ?? 0
      rows[entry] = row
      causalImportances[entry] = ci
      innerActivations[entry] = activations[first + column] ?? 0
      next[column] = entry + 1
    }
  }
  const sampledActivations = sampledColumns(activations, layout, C)
  const columns = Uint32Array.from({ length: C }, (_, column) => column)
  return { columns, starts, rows, causalImportances, innerActivations, sampledActivations }
}

function startsOfColumns(dense: Float32Array, { rowCount, paddedRows }: BatchLayout, C: number): Uint32Array {
  const starts = new Uint32Array(C + 1)
  for (let row = 0; row < rowCount; row++) {
    const first = (paddedRows[row] ?? 0) * C
    for (let column = 0; column < C; column++) {
      const ci = dense[first + column] ?? 0
      if (ci <= 0) continue
      if (Number.isNaN(ci)) {
        throw new AtlasError('model/failed', `causal importances: NaN at row ${row}, column ${column}`)
      }
      starts[column + 1] = (starts[column + 1] ?? 0) + 1
    }
  }
  for (let column = 0; column < C; column++) starts[column + 1] = (starts[column + 1] ?? 0) + (starts[column] ?? 0)
  return starts
}

function sampledColumns(activations: Float32Array, { sampledRows, paddedRows }: BatchLayout, C: number): Float32Array {
  const width = sampledRows.length
  const sampled = new Float32Array(C * width)
  for (let s = 0; s < width; s++) {
    const first = (paddedRows[sampledRows[s] ?? 0] ?? 0) * C
    for (let column = 0; column < C; column++) sampled[column * width + s] = activations[first + column] ?? 0
  }
  return sampled
}
