import { invariant } from '../errors/invariant.ts'
import { readModel, rewriteModel } from '../onnx/model.ts'
import type { GraphProto, NodeProto } from '../onnx/onnx_pb.generated.ts'
import { pruneGraph } from '../onnx/pruneGraph.ts'
import { DELTA, LOGITS, maskPort } from './ports.ts'

/**
 * The graph `intervene` with the matrices of all modules but one whole, as the target model has them: its inputs are ids,
 * δ and the mask of `modulePath` if that has a port; what the other modules' masks would need is neither loaded nor
 * computed.
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

/** Makes y = ((m − δ) ⊙ h) U + δ `whole`, or δ `whole` without a port, into y = `whole`: buildInterveneGraph.ts. */
function unmask(graph: GraphProto, path: string): void {
  const share = graph.node.find(({ name = '', opType, input }) => {
    return opType === 'Mul' && input.includes(DELTA) && name.split('/').at(-2) === path
  })
  const whole = share?.input.find((name) => name !== DELTA)
  invariant(share !== undefined && whole !== undefined, `intervene has no δ x Wᵀ at ${path}`)
  const hasPort = graph.input.some(({ name }) => name === maskPort(path))
  const result = hasPort ? onlyReader(graph, outputOf(share), 'Add') : share
  result.opType = 'Identity'
  result.input = [whole]
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
