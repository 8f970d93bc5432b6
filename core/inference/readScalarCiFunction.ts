import type { PrunedModule } from '../bundle/keptSubcomponents.ts'
import type { Manifest } from '../bundle/manifest.ts'
import type { ReadGraphWeight } from '../graph/createGraphWeightReader.ts'
import { ciBiasName, ciWeightName } from '../graph/ports.ts'
import { createScalarCiFunction, isScalarSigmoid, type ScalarCiFunction } from './createScalarCiFunction.ts'

/** What of a manifest tells whether and how causal importances can be had from inner activations alone. */
export type ScalarCiRun = Pick<Manifest['run'], 'ci_kind' | 'ci_hidden' | 'sigmoid_type'>

/** Whether a run's causal importances can be evaluated outside the graph. */
export function hasScalarCiFunctions({ ci_kind, sigmoid_type }: ScalarCiRun): boolean {
  return ci_kind === 'mlp' && isScalarSigmoid(sigmoid_type)
}

/**
 * The CI functions of one module, a column each of the graph's subcomponents, from the weights of `observe` (those of the whole graph, before any pruning); null
 * where the graph must evaluate them. Activity at `levels`, ascending, is decided as the exact function would.
 */
export function readScalarCiFunction(
  run: ScalarCiRun,
  module: PrunedModule,
  readWeight: ReadGraphWeight,
  levels: readonly number[] = [],
): ScalarCiFunction | null {
  if (run.ci_kind !== 'mlp' || !isScalarSigmoid(run.sigmoid_type)) return null
  const layers = Array.from({ length: run.ci_hidden.length + 1 }, (_, layer) => ({
    W: readWeight(ciWeightName(module.path, layer)).data,
    b: readWeight(ciBiasName(module.path, layer)).data,
  }))
  return createScalarCiFunction({ C: module.kept?.count ?? module.c, layers }, run.sigmoid_type, levels)
}
