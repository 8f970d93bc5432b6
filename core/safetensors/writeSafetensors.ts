import { invariant } from '../errors/invariant.ts'

/** A tensor to come: its name and its shape. */
export interface NamedShape {
  readonly name: string
  readonly shape: readonly number[]
}

export interface NamedTensor extends NamedShape {
  /** Row-major. */
  readonly data: Float32Array
}

/** A safetensors file of float32 tensors in the given order; names are unlike each other and not `__metadata__`. */
export function writeSafetensors(
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const all = [...tensors]
  const start = writeSafetensorsStart(all, metadata)
  const dataBytes = all.reduce((sum, { data }) => sum + data.byteLength, 0)
  const file = new Uint8Array(start.length + dataBytes)
  file.set(start)
  let offset = start.length
  for (const { name, shape, data } of all) {
    invariant(elementCount(shape) === data.length, `${name}: ${data.length} numbers for shape [${shape.join(', ')}]`)
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    offset += data.byteLength
  }
  return file
}

/** What a safetensors file has before its data, where the float32 tensors follow each other in the given order. */
export function writeSafetensorsStart(
  tensors: readonly NamedShape[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header = encodeHeader(tensors, metadata)
  const bytes = new Uint8Array(8 + header.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true)
  bytes.set(header, 8)
  return bytes
}

/** JSON, padded with spaces so that the data starts at a multiple of eight bytes. */
function encodeHeader(tensors: readonly NamedShape[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries = new Map<string, unknown>()
  if (Object.keys(metadata).length > 0) entries.set('__metadata__', metadata)
  let start = 0
  for (const { name, shape } of tensors) {
    invariant(name !== '__metadata__' && !entries.has(name), `tensor name ${name} is taken`)
    const end = start + elementCount(shape) * Float32Array.BYTES_PER_ELEMENT
    entries.set(name, { dtype: 'F32', shape, data_offsets: [start, end] })
    start = end
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20)
  padded.set(json)
  return padded
}

const elementCount = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
