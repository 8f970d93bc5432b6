import { widenFloat16 } from '../bytes/widenFloat16.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { readModel } from '../onnx/model.ts'
import { TensorProto_DataType as DataType, type TensorProto } from '../onnx/onnx_pb.generated.ts'
import { scaleName } from './ports.ts'
import { dequantise } from './quantise.ts'

/** Numbers of one weight of a graph, widened to float32. */
export interface GraphWeight {
  /** As stored: see ports.ts for the names, and targetWeights.ts and buildCiFunction.ts for what is stored rearranged. */
  readonly dims: readonly number[]
  readonly data: Float32Array
}

export type ReadGraphWeight = (name: string) => GraphWeight

type Pieces = ReadonlyMap<string, Uint8Array>
type Tensors = ReadonlyMap<string, TensorProto>

/**
 * Reads weights by the names of ports.ts from a graph and the pieces of its external data, the same numbers as the graph
 * computes with. A weight the graph does not have is `format/malformed`, one whose piece is not given or too short
 * `bundle/corrupt`.
 */
export function createGraphWeightReader(graphBytes: Uint8Array, pieces: Pieces): ReadGraphWeight {
  const { graph } = readModel(graphBytes, 'graph')
  const tensors: Tensors = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]))
  return (name) => {
    const parts = partsOf(tensors, name)
    const [first] = parts
    if (first === undefined) throw new AtlasError('format/malformed', `graph: no weight ${name}`)
    const rows = parts.reduce((sum, { dims }) => sum + Number(dims[0] ?? 0n), 0)
    const dims = parts.length === 1 ? first.dims.map(Number) : [rows, ...first.dims.slice(1).map(Number)]
    if (first.dataType !== DataType.INT8) return { dims, data: joinFloats(parts, pieces) }
    const scaleParts = partsOf(tensors, scaleName(name))
    const scales = joinFloats(scaleParts, pieces)
    const axis = scaleParts[0]?.dims.at(-1) === 1n && scales.length === dims[0] ? 'first' : 'last'
    return { dims, data: dequantise({ quotients: joinBytes(parts, pieces), scales }, dims, axis) }
  }
}

/** The tensor of that name, or those of its slices along axis 0. */
function partsOf(tensors: Tensors, name: string): readonly TensorProto[] {
  const whole = tensors.get(name)
  if (whole !== undefined) return [whole]
  const parts: TensorProto[] = []
  for (let part = tensors.get(`${name}#0`); part !== undefined; part = tensors.get(`${name}#${parts.length}`)) {
    parts.push(part)
  }
  return parts
}

function joinBytes(parts: readonly TensorProto[], pieces: Pieces): Int8Array {
  const bytes = parts.map((part) => new Int8Array(readBytes(part, pieces)))
  const joined = new Int8Array(bytes.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of bytes) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

function joinFloats(parts: readonly TensorProto[], pieces: Pieces): Float32Array {
  const read = parts.map((part) => readFloats(part, pieces))
  const [first] = read
  if (first !== undefined && read.length === 1) return first
  const joined = new Float32Array(read.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of read) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

function readFloats(tensor: TensorProto, pieces: Pieces): Float32Array {
  const buffer = readBytes(tensor, pieces)
  return tensor.dataType === DataType.FLOAT16 ? widenFloat16(new Uint16Array(buffer)) : new Float32Array(buffer)
}

function readBytes(tensor: TensorProto, pieces: Pieces): ArrayBuffer {
  const place = Object.fromEntries(tensor.externalData.map(({ key, value }) => [key ?? '', value ?? '']))
  const { location = '' } = place
  const piece = pieces.get(location)
  const start = Number(place.offset)
  const end = start + Number(place.length)
  if (piece === undefined || !(end <= piece.length)) {
    throw new AtlasError('bundle/corrupt', `${tensor.name}: no bytes ${start} to ${end} in "${location}"`)
  }
  // Copied, so that the numbers are aligned wherever the piece lies in its buffer.
  return new Uint8Array(piece.subarray(start, end)).buffer
}
