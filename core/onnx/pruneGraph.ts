import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import { readModel, rewriteModel } from './model.ts'
import type { GraphProto } from './onnx_pb.generated.ts'

/**
 * The graph with only the outputs named, and only the nodes, weights and inputs they need: what is left out is neither
 * loaded nor computed. Refuses an output the graph does not have (format/malformed).
 */
export function pruneGraph(bytes: Uint8Array, outputs: readonly string[]): Uint8Array<ArrayBuffer> {
  const { model, graph } = readModel(bytes, 'graph')
  invariant(outputs.length > 0, 'a graph without outputs computes nothing')
  const known = graph.output.map(({ name }) => name)
  for (const output of outputs) {
    if (!known.includes(output)) throw new AtlasError('format/malformed', `graph: no output ${output}, it has ${known}`)
  }
  const needed = valuesNeeded(graph, outputs)
  graph.output = graph.output.filter(({ name }) => name !== undefined && outputs.includes(name))
  graph.input = graph.input.filter(({ name }) => name !== undefined && needed.has(name))
  graph.initializer = graph.initializer.filter(({ name }) => name !== undefined && needed.has(name))
  graph.node = graph.node.filter(({ output }) => output.some((name) => needed.has(name)))
  return rewriteModel(model)
}

/** Nodes come after what they read (ONNX demands it), so one pass backwards finds all. */
function valuesNeeded(graph: GraphProto, outputs: readonly string[]): ReadonlySet<string> {
  const needed = new Set(outputs)
  for (const node of graph.node.toReversed()) {
    if (!node.output.some((name) => needed.has(name))) continue
    for (const input of node.input) needed.add(input)
  }
  return needed
}
