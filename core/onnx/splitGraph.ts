import { clone } from '@bufbuild/protobuf'
import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import { readModel, rewriteModel } from './model.ts'
import { type GraphProto, type NodeProto, ValueInfoProtoSchema } from './onnx_pb.generated.ts'
import { pruneGraph } from './pruneGraph.ts'

/** A graph in two: what leads to one value, and what makes an output of that value alone. */
export interface SplitGraph {
  /** The outputs kept and `cut`. */
  readonly body: Uint8Array<ArrayBuffer>
  /** Takes `cut`, float32[1, rows, width], and gives the output. */
  readonly head: Uint8Array<ArrayBuffer>
  /** Name of the value between. */
  readonly cut: string
}

/**
 * Cuts a graph before the matrix product that `output` ends in, so that it need not be computed for every row: `body`
 * gives `kept` and the product's argument. Refuses an output that ends in no product with a constant (format/unsupported).
 */
export function splitGraph(bytes: Uint8Array, output: string, kept: readonly string[]): SplitGraph {
  const { model, graph } = readModel(bytes, 'graph')
  const cut = lastProductInput(graph, output)
  const like = graph.output.find(({ name }) => name === output)
  invariant(like !== undefined, `graph: no output ${output}`)
  const value = clone(ValueInfoProtoSchema, like)
  value.name = cut
  const shape = value.type?.value.case === 'tensorType' ? value.type.value.value.shape : undefined
  const width = shape?.dim.at(-1)
  if (width !== undefined) width.value = { case: 'dimParam', value: 'width' }
  graph.output.push(value)
  const body = pruneGraph(rewriteModel(model), [...kept, cut])
  graph.output.pop()
  graph.input = [value]
  graph.node = graph.node.filter(({ output: made }) => !made.includes(cut))
  return { body, head: pruneGraph(rewriteModel(model), [output]), cut }
}

/** The argument that depends on the graph's inputs of the matrix product nearest to `output`. */
function lastProductInput(graph: GraphProto, output: string): string {
  const dynamic = valuesOfInputs(graph)
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)))
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
