import type { SigmoidType } from '../decomposition/Decomposition.ts'
import { invariant } from '../errors/invariant.ts'
import { createColumnScan, type ScanColumns } from './createColumnScan.ts'
import { createRowAppender } from './createRowAppender.ts'
import { nearestInactive, scalarMlpOf } from './nearestInactive.ts'
import type { SparseCi } from './SparseCi.ts'
import { type ScalarCiWeights, scalarPreSigmoid } from './scalarPreSigmoid.ts'
import { createScalarTables } from './scalarTables.ts'
import { createRowScan, scanRow, scanTile, TILE_ROWS } from './scanRows.ts'

/** CI functions of one module whose only argument is the inner activation. */
export interface ScalarCiFunction {
  /** γ of subcomponent c where its inner activation is h, in float64. */
  preSigmoid(c: number, h: number): number
  /**
   * Causal importances float32[T, C] of inner activations float32[T, C]. The array is the function's own, longer if it
   * ever was, and is overwritten by the next call.
   */
  evaluate(innerActivations: Float32Array, T: number): Float32Array
  /**
   * The causal importances above 0 of inner activations float32[rows, C], off by at most TABLE_ERROR and on the same side
   * of 0, 1 and every level as those of `preSigmoid`. The function's own, overwritten by the next call. A number that is
   * not finite is `model/failed`.
   */
  evaluateSparse(innerActivations: Float32Array, rowCount: number): SparseCi
  /** The same column by column. */
  readonly scanColumns: ScanColumns
  /** float64[C]: CI is certainly 0 wherever |h| is at most this; negative where there is no such h. */
  readonly reaches: Float64Array
}

const SCALAR_SIGMOIDS = ['leaky_hard', 'hard', 'upper_leaky_hard'] as const
type ScalarSigmoid = (typeof SCALAR_SIGMOIDS)[number]

/** Slope of upper_leaky_hard above 1: `spd/models/sigmoids.py`. */
const UPPER_LEAK = 0.01

/** Whether CI is 0 wherever γ ≤ 0, so that most of it need not be computed. */
export function isScalarSigmoid(type: SigmoidType): type is ScalarSigmoid {
  return SCALAR_SIGMOIDS.some((known) => known === type)
}

/**
 * Evaluates CI functions of kind mlp outside the graph: where h lies in an interval on which γ is certainly negative CI
 * is 0 at the cost of two comparisons; elsewhere it is looked up, and computed in float64 where the table cannot tell
 * on which side of 0, 1 or a level (ascending) it lies.
 */
export function createScalarCiFunction(
  weights: ScalarCiWeights,
  sigmoid: ScalarSigmoid,
  levels: readonly number[] = [],
): ScalarCiFunction {
  const { C } = weights
  const preSigmoid = scalarPreSigmoid(weights)
  const leak = sigmoid === 'upper_leaky_hard' ? UPPER_LEAK : 0
  const tables = createScalarTables({
    C,
    mlpOf: (c) => scalarMlpOf(weights, c),
    exact: (c, h) => importance(preSigmoid(c, h), leak),
    saturates: leak === 0,
    levels,
  })
  const { starts, ends } = nearestInactive(weights)
  const scan = createRowScan(tables, starts, ends)
  const append = createRowAppender(scan)
  let dense = new Float32Array(0)

  const evaluateSparse = (innerActivations: Float32Array, rowCount: number): SparseCi => {
    invariant(innerActivations.length >= rowCount * C, `${innerActivations.length} numbers, not ${rowCount} × ${C}`)
    const tiled = rowCount - (rowCount % TILE_ROWS)
    append.start(rowCount)
    for (let row = 0; row < tiled; row += TILE_ROWS) {
      scanTile(scan, innerActivations, row)
      for (let tileRow = 0; tileRow < TILE_ROWS; tileRow++) append.row(row + tileRow, tileRow)
    }
    for (let row = tiled; row < rowCount; row++) {
      scanRow(scan, innerActivations, row)
      append.row(row, 0)
    }
    return append.finish()
  }

  return {
    preSigmoid,
    evaluateSparse,
    scanColumns: createColumnScan({ tables, starts, ends }),
    reaches: starts.map((start, c) => Math.min(-start, ends[c] ?? 0)),
    evaluate: (innerActivations, T) => {
      const sparse = evaluateSparse(innerActivations, T)
      if (dense.length < T * C) dense = new Float32Array(T * C)
      scatter(sparse, C, dense.fill(0))
      return dense
    },
  }
}

function importance(gamma: number, leak: number): number {
  if (gamma <= 0) return 0
  return gamma <= 1 ? gamma : 1 + leak * (gamma - 1)
}

function scatter({ rowCount, rowStarts, columns, causalImportances }: SparseCi, C: number, dense: Float32Array): void {
  for (let row = 0; row < rowCount; row++) {
    const end = rowStarts[row + 1] ?? 0
    for (let i = rowStarts[row] ?? 0; i < end; i++) dense[row * C + (columns[i] ?? 0)] = causalImportances[i] ?? 0
  }
}
