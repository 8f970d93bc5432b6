import { invariant } from '../errors/invariant.ts'
import { readModel, rewriteModel } from '../onnx/model.ts'
import type { GraphProto, NodeProto } from '../onnx/onnx_pb.generated.ts'
import { pruneGraph } from '../onnx/pruneGraph.ts'
import { DELTA, LOGITS, maskPort } from './ports.ts'

/**
 * The graph `intervene` with the matrices of all modules but one whole, as the target model has them: its inputs are ids,
 * δ and the mask of `modulePath`, and what the other modules' masks would need is neither loaded nor computed.
 */
export function maskOneModule(
  intervene: Uint8Array,
  modulePath: string,
  modulePaths: readonly string[],
): Uint8Array<ArrayBuffer> {
  const { model, graph } = readModel(intervene, 'intervene')
  for (const path of modulePaths) if (path !== modulePath) unmask(graph, path)
  return pruneGraph(rewriteModel(model), [LOGITS])
}

/** Makes y = ((m − δ) ⊙ h) U + δ `whole` into y = `whole`; the nodes are those of buildInterveneGraph.ts. */
function unmask(graph: GraphProto, path: string): void {
  const difference = onlyReader(graph, maskPort(path), 'Sub')
  const masked = onlyReader(graph, outputOf(difference), 'Mul')
  const kept = onlyReader(graph, outputOf(masked), 'MatMul')
  const sum = onlyReader(graph, outputOf(kept), 'Add')
  const share = graph.node.find(
    ({ output, input }) =>
      input.includes(DELTA) && output.some((name) => name !== outputOf(kept) && sum.input.includes(name)),
  )
  const whole = share?.input.find((name) => name !== DELTA)
  invariant(whole !== undefined, `intervene adds no δ x Wᵀ at ${path}`)
  sum.opType = 'Identity'
  sum.input = [whole]
}

function onlyReader(graph: GraphProto, value: string, operator: string): NodeProto {
  const [reader, ...others] = graph.node.filter(({ input }) => input.includes(value))
  invariant(reader?.opType === operator && others.length === 0, `intervene does not read ${value} by one ${operator}`)
  return reader
}

function outputOf({ output }: NodeProto): string {
  const [name] = output
  invariant(name !== undefined, 'a node has an output')
  return name
}
