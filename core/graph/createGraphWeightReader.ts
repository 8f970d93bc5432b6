import { widenFloat16 } from '../bytes/widenFloat16.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { readModel } from '../onnx/model.ts'
import { TensorProto_DataType as DataType, type TensorProto } from '../onnx/onnx_pb.generated.ts'

/** Numbers of one weight of a graph, widened to float32. */
export interface GraphWeight {
  /** As stored: see ports.ts for the names, and targetWeights.ts and buildCiFunction.ts for what is stored rearranged. */
  readonly dims: readonly number[]
  readonly data: Float32Array
}

export type ReadGraphWeight = (name: string) => GraphWeight

/**
 * Reads weights by the names of ports.ts from a graph and the pieces of its external data. A weight the graph does not
 * have is `format/malformed`, one whose piece is not given or too short `bundle/corrupt`.
 */
export function createGraphWeightReader(
  graphBytes: Uint8Array,
  pieces: ReadonlyMap<string, Uint8Array>,
): ReadGraphWeight {
  const { graph } = readModel(graphBytes, 'graph')
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]))
  return (name) => {
    const whole = tensors.get(name)
    if (whole !== undefined) return readTensor(whole, pieces)
    const parts: GraphWeight[] = []
    for (let part = tensors.get(`${name}#0`); part !== undefined; part = tensors.get(`${name}#${parts.length}`)) {
      parts.push(readTensor(part, pieces))
    }
    if (parts.length === 0) throw new AtlasError('format/malformed', `graph: no weight ${name}`)
    return joinRows(parts)
  }
}

function joinRows(parts: readonly GraphWeight[]): GraphWeight {
  const rows = parts.reduce((sum, { dims }) => sum + (dims[0] ?? 0), 0)
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0))
  let offset = 0
  for (const part of parts) {
    data.set(part.data, offset)
    offset += part.data.length
  }
  return { dims: [rows, ...(parts[0]?.dims.slice(1) ?? [])], data }
}

function readTensor(tensor: TensorProto, pieces: ReadonlyMap<string, Uint8Array>): GraphWeight {
  const place = Object.fromEntries(tensor.externalData.map(({ key, value }) => [key ?? '', value ?? '']))
  const { location = '' } = place
  const piece = pieces.get(location)
  const start = Number(place.offset)
  const end = start + Number(place.length)
  if (piece === undefined || !(end <= piece.length)) {
    throw new AtlasError('bundle/corrupt', `${tensor.name}: no bytes ${start} to ${end} in "${location}"`)
  }
  // Copied, so that the numbers are aligned wherever the piece lies in its buffer.
  const { buffer } = piece.slice(start, end)
  const data = tensor.dataType === DataType.FLOAT16 ? widenFloat16(new Uint16Array(buffer)) : new Float32Array(buffer)
  return { dims: tensor.dims.map(Number), data }
}
