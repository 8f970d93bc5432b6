import { decodeWeights } from '../bytes/decodeWeights.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { readModel } from '../onnx/model.ts'
import { TensorProto_DataType as DataType, type TensorProto } from '../onnx/onnx_pb.generated.ts'

/** One tensor of a graph's external data, read into memory. */
export interface GraphWeight {
  readonly shape: readonly number[]
  /** Row-major, widened to float32. */
  readonly numbers: Float32Array
}

/** Looks weights of a graph up by the names of ports.ts; `piece` gives the bytes of a file of external data. */
export function createWeightReader(
  graphBytes: Uint8Array,
  piece: (path: string) => Uint8Array,
): (name: string) => GraphWeight {
  const { graph } = readModel(graphBytes, 'graph')
  return (name) => {
    // A tensor larger than a piece lies in parts, name#0, name#1, ..., along its first axis.
    const parts = graph.initializer.filter((tensor) => tensor.name === name || tensor.name?.startsWith(`${name}#`))
    if (parts.length === 0) throw new AtlasError('format/malformed', `graph: no weight ${name}`)
    const numbers = parts.map((tensor) => readPart(tensor, piece))
    const [first] = parts
    const rows = parts.reduce((sum, { dims }) => sum + Number(dims[0] ?? 1), 0)
    return { shape: [rows, ...(first?.dims ?? []).slice(1).map(Number)], numbers: concatenate(numbers) }
  }
}

function readPart(tensor: TensorProto, piece: (path: string) => Uint8Array): Float32Array {
  const fields = new Map(tensor.externalData.map(({ key, value }) => [key, value ?? '']))
  const bytes = piece(fields.get('location') ?? '')
  const offset = Number(fields.get('offset') ?? 0)
  const length = Number(fields.get('length') ?? bytes.length - offset)
  const width = tensor.dataType === DataType.FLOAT16 ? 2 : 4
  const size = tensor.dims.reduce((product, dim) => product * Number(dim), width)
  if (length !== size || offset + length > bytes.length) {
    throw new AtlasError('format/malformed', `${tensor.name}: ${length} bytes at ${offset}, its shape needs ${size}`)
  }
  return decodeWeights(bytes.subarray(offset, offset + length), width === 2 ? 'float16' : 'float32', 'little')
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
