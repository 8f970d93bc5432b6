import { invariant } from '../errors/invariant.ts'

export interface NamedTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** Row-major. */
  readonly data: Float32Array
}

/** A safetensors file of float32 tensors in the given order; names are unlike each other and not `__metadata__`. */
export function writeSafetensors(
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const all = [...tensors]
  const header = encodeHeader(all, metadata)
  const dataBytes = all.reduce((sum, { data }) => sum + data.byteLength, 0)
  const file = new Uint8Array(8 + header.length + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true)
  file.set(header, 8)
  let start = 8 + header.length
  for (const { data } of all) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start)
    start += data.byteLength
  }
  return file
}

/** JSON, padded with spaces so that the data starts at a multiple of eight bytes. */
function encodeHeader(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries = new Map<string, unknown>()
  if (Object.keys(metadata).length > 0) entries.set('__metadata__', metadata)
  let start = 0
  for (const { name, shape, data } of tensors) {
    invariant(name !== '__metadata__' && !entries.has(name), `tensor name ${name} is taken`)
    const elements = shape.reduce((product, size) => product * size, 1)
    invariant(elements === data.length, `${name}: ${data.length} numbers for shape [${shape.join(', ')}]`)
    entries.set(name, { dtype: 'F32', shape, data_offsets: [start, start + data.byteLength] })
    start += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20)
  padded.set(json)
  return padded
}
