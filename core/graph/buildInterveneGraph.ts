import type { DecomposedModule, Decomposition } from '../decomposition/Decomposition.ts'
import type { Value } from '../onnx/GraphBuilder.ts'
import { add, gather, matMul, multiply, subtract } from '../onnx/operators.ts'
import { buildTargetModel } from './buildTargetModel.ts'
import { findModules } from './findModules.ts'
import { GraphContext } from './GraphContext.ts'
import type { GraphPrecision } from './Precision.ts'
import { DELTA, IDS, LOGITS, maskPort, readVectorsName, writeVectorsName } from './ports.ts'
import { addBias, lookUpEmbedding, multiplyByWeight } from './targetWeights.ts'
import type { WeightPlan } from './WeightPlan.ts'

/** The graph whose modules are masked, y = ((m − δ) ⊙ h) U + δ x Wᵀ + bias; ports are those of ports.ts. */
export function buildInterveneGraph(
  decomposition: Decomposition,
  plan: WeightPlan,
  precision: GraphPrecision,
): Uint8Array<ArrayBuffer> {
  const { target } = decomposition
  const context = new GraphContext('intervene', plan, precision)
  const g = context.builder
  const modules = findModules(decomposition)
  const ids = g.input(IDS, 'int64', ['stories', 'positions'])
  const delta = g.input(DELTA, 'float32', [])

  /** ((m − δ) ⊙ h) U + δ `whole`, `whole` being what the undecomposed matrix gives. */
  const mask = (module: DecomposedModule, x: Value, whole: Value): Value =>
    g.scope(module.path, () => {
      if (module.C === 0) return multiply(g, whole, delta)
      const port = maskPort(module.path)
      const mask = g.input(port, 'float32', [`${port}/stories`, `${port}/positions`, module.C])
      const readVectors = context.weight(readVectorsName(module.path), module.V, 'v')
      const h = module.role.kind === 'embedding' ? gather(g, readVectors, x, 0) : matMul(g, x, readVectors)
      const writeVectors = context.weight(writeVectorsName(module.path), module.U, 'u')
      const kept = matMul(g, multiply(g, subtract(g, mask, delta), h), writeVectors)
      return add(g, kept, multiply(g, whole, delta))
    })

  const logits = buildTargetModel(context, target, ids, {
    lookUp: (embedding, tokens) => {
      const whole = lookUpEmbedding(context, target, embedding, tokens)
      const module = modules.at(embedding.path)
      return module === null ? whole : mask(module, tokens, whole)
    },
    applyLinear: (linear, input) => {
      const identity = modules.before(linear.path)
      const x = identity === null ? input : mask(identity, input, input)
      const whole = multiplyByWeight(context, target, linear, x)
      const module = modules.at(linear.path)
      return addBias(context, linear, module === null ? whole : mask(module, x, whole))
    },
  })
  g.output(LOGITS, logits, ['stories', 'positions', target.vocabularySize])
  modules.assertAllFound()
  return g.write()
}
