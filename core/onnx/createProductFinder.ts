import { AtlasError } from '../errors/AtlasError.ts'
import { readModel } from './model.ts'
import type { GraphProto, NodeProto } from './onnx_pb.generated.ts'

/**
 * Finds, for an output of the graph, the argument that depends on the graph's inputs of the matrix product nearest to it.
 * An output that ends in no product with a constant is `format/unsupported`.
 */
export function createProductFinder(bytes: Uint8Array): (output: string) => string {
  const { graph } = readModel(bytes, 'graph')
  const dynamic = valuesOfInputs(graph)
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)))
  return (output) => {
    for (let name = output; ; ) {
      const node = makers.get(name)
      const inputs: string[] = (node?.input ?? []).filter((input) => dynamic.has(input))
      const [input] = inputs
      if (node === undefined || input === undefined || inputs.length > 1) {
        throw new AtlasError('format/unsupported', `graph: ${output} ends in no product with a constant`)
      }
      if (isProduct(node)) return input
      name = input
    }
  }
}

function isProduct({ opType }: NodeProto): boolean {
  return opType === 'MatMul' || opType === 'Gemm'
}

function valuesOfInputs(graph: GraphProto): ReadonlySet<string> {
  const dynamic = new Set(graph.input.flatMap(({ name }) => (name === undefined ? [] : [name])))
  for (const node of graph.node) {
    if (node.input.some((name) => dynamic.has(name))) for (const name of node.output) dynamic.add(name)
  }
  return dynamic
}
