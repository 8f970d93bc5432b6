import type { Decomposition } from '../decomposition/Decomposition.ts'
import { buildInterveneGraph } from './buildInterveneGraph.ts'
import { buildObserveGraph } from './buildObserveGraph.ts'
import type { GraphPrecision } from './Precision.ts'
import { WeightPlan } from './WeightPlan.ts'

/** The two graphs of a run and the weights they share, not yet read. */
export interface Graphs {
  readonly observe: Uint8Array<ArrayBuffer>
  readonly intervene: Uint8Array<ArrayBuffer>
  readonly weights: WeightPlan
}

/** Both graphs of `decomposition`. The CI functions, which only one needs and which may be most of the run, have pieces of their own. */
export function buildGraphs(
  decomposition: Decomposition,
  precision: GraphPrecision,
  weights: WeightPlan = new WeightPlan(),
): Graphs {
  const intervene = buildInterveneGraph(decomposition, weights, precision)
  weights.startPiece()
  const observe = buildObserveGraph(decomposition, weights, precision)
  return { observe, intervene, weights }
}
