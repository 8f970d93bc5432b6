import type { DecomposedModule, Decomposition } from '../decomposition/Decomposition.ts'
import type { Value } from '../onnx/GraphBuilder.ts'
import { gather, matMul } from '../onnx/operators.ts'
import { buildCausalImportance } from './buildCiFunction.ts'
import { buildTargetModel } from './buildTargetModel.ts'
import { findModules } from './findModules.ts'
import { GraphContext } from './GraphContext.ts'
import type { GraphPrecision } from './Precision.ts'
import { causalImportancePort, IDS, innerActivationPort, LOGITS, readVectorsName } from './ports.ts'
import { addBias, lookUpEmbedding, multiplyByWeight } from './targetWeights.ts'
import type { WeightPlan } from './WeightPlan.ts'

/** The graph that runs the target model as it is and watches its modules; ports are those of ports.ts. */
export function buildObserveGraph(
  decomposition: Decomposition,
  plan: WeightPlan,
  precision: GraphPrecision,
): Uint8Array<ArrayBuffer> {
  const { target, run } = decomposition
  const context = new GraphContext('observe', plan, precision)
  const g = context.builder
  const modules = findModules(decomposition)
  const ids = g.input(IDS, 'int64', ['stories', 'positions'])

  const observe = (module: DecomposedModule | null, x: Value): void => {
    if (module === null || module.C === 0) return
    g.scope(module.path, () => {
      const readVectors = context.weight(readVectorsName(module.path), module.V, 'v')
      const h = module.role.kind === 'embedding' ? gather(g, readVectors, x, 0) : matMul(g, x, readVectors)
      const inputs = { innerActivation: h, moduleInput: x }
      const shape = ['stories', 'positions', module.C]
      g.output(innerActivationPort(module.path), h, shape)
      g.output(
        causalImportancePort(module.path),
        buildCausalImportance(context, module, run.sigmoidType, inputs),
        shape,
      )
    })
  }

  const logits = buildTargetModel(context, target, ids, {
    lookUp: (embedding, tokens) => {
      observe(modules.at(embedding.path), tokens)
      return lookUpEmbedding(context, target, embedding, tokens)
    },
    applyLinear: (linear, x) => {
      observe(modules.before(linear.path), x)
      observe(modules.at(linear.path), x)
      return addBias(context, linear, multiplyByWeight(context, target, linear, x))
    },
  })
  g.output(LOGITS, logits, ['stories', 'positions', target.vocabularySize])
  modules.assertAllFound()
  return g.write()
}
