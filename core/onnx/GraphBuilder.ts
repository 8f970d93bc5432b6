import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { invariant } from '../errors/invariant.ts'
import { writeModel } from './model.ts'
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from './onnx_pb.generated.ts'

/** A tensor that flows through a graph under construction. */
export interface Value {
  readonly name: string
}

/** A number, or the name of a length that is known when the graph runs. */
export type Dimension = number | string
export type ElementType = 'float32' | 'float16' | 'int8' | 'int64'

/** Where the bytes of a weight lie: in a file beside the graph. */
export interface ExternalLocation {
  /** Relative to the graph's own file, e.g. "weights-00.bin". */
  readonly path: string
  readonly byteOffset: number
  readonly byteLength: number
}

type Attributes = Readonly<Record<string, number | string | readonly number[]>>

const DATA_TYPES = {
  float32: DataType.FLOAT,
  float16: DataType.FLOAT16,
  int8: DataType.INT8,
  int64: DataType.INT64,
} as const

/** Builds one ONNX graph node by node; every method that returns a Value adds one node (or one initialiser). */
export class GraphBuilder {
  readonly #graph
  readonly #scopes: string[] = []
  readonly #constants = new Map<string, Value>()
  #valueCount = 0

  constructor(name: string) {
    this.#graph = create(GraphProtoSchema, { name })
  }

  /** The graph's bytes, as an ONNX model. */
  write(): Uint8Array<ArrayBuffer> {
    return writeModel(this.#graph)
  }

  /** Prefixes the names of the nodes that `build` adds, e.g. "layers.0/attention". */
  scope<T>(name: string, build: () => T): T {
    this.#scopes.push(name)
    const result = build()
    this.#scopes.pop()
    return result
  }

  input(name: string, type: ElementType, dims: readonly Dimension[]): Value {
    this.#graph.input.push(create(ValueInfoProtoSchema, tensorInfo(name, type, dims)))
    return { name }
  }

  output(name: string, value: Value, dims: readonly Dimension[]): void {
    this.#addNode('Identity', [value], [name], {})
    this.#graph.output.push(create(ValueInfoProtoSchema, tensorInfo(name, 'float32', dims)))
  }

  /** A weight whose numbers lie in a file beside the graph. */
  externalWeight(name: string, type: ElementType, dims: readonly number[], location: ExternalLocation): Value {
    const externalData = [
      { key: 'location', value: location.path },
      { key: 'offset', value: String(location.byteOffset) },
      { key: 'length', value: String(location.byteLength) },
    ]
    const fields = { name, dataType: DATA_TYPES[type], dims: dims.map(BigInt), dataLocation: DataLocation.EXTERNAL }
    this.#graph.initializer.push(create(TensorProtoSchema, { ...fields, externalData }))
    return { name }
  }

  /** float32 constant; a scalar unless `dims` are given. */
  float(numbers: readonly number[], dims: readonly number[] = []): Value {
    return this.#constant('float32', dims, new Uint8Array(new Float32Array(numbers).buffer))
  }

  /** int64[n] constant. */
  ints(numbers: readonly number[]): Value {
    const bytes = new Uint8Array(new BigInt64Array(numbers.map(BigInt)).buffer)
    return this.#constant('int64', [numbers.length], bytes)
  }

  /** One node with one output; `operator` is an ONNX operator of the default domain. */
  node(operator: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const value = this.#freshValue(operator)
    this.#addNode(operator, inputs, [value.name], attributes)
    return value
  }

  /** The parts of `value` along `axis`, of the lengths given. */
  split(value: Value, lengths: readonly number[], axis: number): Value[] {
    const parts = lengths.map(() => this.#freshValue('Split'))
    const names = parts.map((part) => part.name)
    this.#addNode('Split', [value, this.ints(lengths)], names, { axis })
    return parts
  }

  #constant(type: ElementType, dims: readonly number[], rawData: Uint8Array<ArrayBuffer>): Value {
    const key = `${type} ${dims.join()} ${rawData.join()}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = `constant/${this.#constants.size}`
    const fields = { name, dataType: DATA_TYPES[type], dims: dims.map(BigInt), rawData }
    this.#graph.initializer.push(create(TensorProtoSchema, fields))
    this.#constants.set(key, { name })
    return { name }
  }

  #freshValue(operator: string): Value {
    return { name: [...this.#scopes, `${operator}_${this.#valueCount++}`].join('/') }
  }

  #addNode(operator: string, inputs: readonly Value[], outputs: readonly string[], attributes: Attributes): void {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value))
    const fields = { name: outputs[0] ?? operator, opType: operator, input: inputs.map(({ name }) => name) }
    this.#graph.node.push(create(NodeProtoSchema, { ...fields, output: [...outputs], attribute }))
  }
}

function tensorInfo(name: string, type: ElementType, dims: readonly Dimension[]) {
  const dim = dims.map((length) => ({
    value:
      typeof length === 'number'
        ? { case: 'dimValue' as const, value: BigInt(length) }
        : { case: 'dimParam' as const, value: length },
  }))
  const tensorType = { elemType: DATA_TYPES[type], shape: { dim } }
  return { name, type: { value: { case: 'tensorType', value: tensorType } } } satisfies MessageInitShape<
    typeof ValueInfoProtoSchema
  >
}

/** Our graphs have no float attributes, so that a number is always an integer one. */
function attributeProto(name: string, value: number | string | readonly number[]): AttributeProto {
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) })
  }
  if (typeof value === 'number') {
    invariant(Number.isInteger(value), `attribute ${name} is ${value}, not an integer`)
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) })
}
