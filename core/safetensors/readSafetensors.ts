import * as v from 'valibot'
import type { ByteSource } from '../bytes/ByteSource.ts'
import { BYTES_PER_ELEMENT, decodeWeights } from '../bytes/decodeWeights.ts'
import type { WeightDtype, WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'

/** Bytes of the header's length, a little-endian uint64 at the start of the file. */
const PREFIX_BYTES = 8
/** About 100 bytes a tensor, so 20 kB for a run of 28 modules; the format itself allows 100 MB. */
const MAX_HEADER_BYTES = 2 ** 24
/** As for PyTorch checkpoints: 2^29 are 2 GiB of float32. */
const MAX_TENSOR_ELEMENTS = 2 ** 29

const DTYPES: ReadonlyMap<string, WeightDtype> = new Map([
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
])

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const entrySchema = v.strictObject({
  dtype: v.string(),
  shape: v.pipe(v.array(count), v.maxLength(8)),
  /** Half-open, in bytes after the header. */
  data_offsets: v.tuple([count, count]),
})
const metadataSchema = v.record(v.string(), v.string())

interface Entry {
  readonly key: string
  readonly dtype: WeightDtype
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
}

/**
 * The tensors of a safetensors file, in the header's order; numbers are read when asked for.
 * A tensor that is not F32, F16 or BF16 is `format/unsupported`, a header that does not fit the data `format/malformed`.
 */
export async function readSafetensors(source: ByteSource): Promise<ReadonlyMap<string, WeightTensor>> {
  const headerBytes = await readHeaderLength(source)
  const dataStart = PREFIX_BYTES + headerBytes
  const entries = parseHeader(await source.slice(PREFIX_BYTES, dataStart), source.name)
  checkCoverage(entries, source.byteLength - dataStart, source.name)
  return new Map(
    entries.map(({ key, shape, dtype, start, end }) => [
      key,
      {
        key,
        shape,
        dtype,
        read: async () => decodeWeights(await source.slice(dataStart + start, dataStart + end), dtype, 'little'),
      },
    ]),
  )
}

async function readHeaderLength(source: ByteSource): Promise<number> {
  if (source.byteLength < PREFIX_BYTES) {
    throw new AtlasError(
      'format/malformed',
      `${source.name}: has ${source.byteLength} bytes, expected a safetensors header`,
    )
  }
  const prefix = await source.slice(0, PREFIX_BYTES)
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new AtlasError(
      'format/too-large',
      `${source.name}: header has ${length} bytes, expected at most ${MAX_HEADER_BYTES}`,
    )
  }
  if (Number(length) > source.byteLength - PREFIX_BYTES) {
    throw new AtlasError(
      'format/malformed',
      `${source.name}: header has ${length} bytes, the file ${source.byteLength - PREFIX_BYTES} after its length`,
    )
  }
  return Number(length)
}

function parseHeader(bytes: Uint8Array, name: string): readonly Entry[] {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new AtlasError('format/malformed', `${name}: header is not JSON`, { cause })
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new AtlasError('format/malformed', `${name}: header is not a JSON object`)
  }
  const entries: Entry[] = []
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') parseValue(metadataSchema, value, `${name}: __metadata__`)
    else entries.push(parseEntry(key, value, name))
  }
  return entries
}

function parseEntry(key: string, value: unknown, name: string): Entry {
  const place = `${name}: "${key}"`
  const {
    dtype: code,
    shape,
    data_offsets: [start, end],
  } = parseValue(entrySchema, value, place)
  const dtype = DTYPES.get(code)
  if (dtype === undefined) {
    throw new AtlasError('format/unsupported', `${place} has dtype ${code}, expected ${[...DTYPES.keys()].join(', ')}`)
  }
  const elements = shape.reduce((product, size) => product * size, 1)
  if (elements > MAX_TENSOR_ELEMENTS) {
    throw new AtlasError(
      'format/too-large',
      `${place} has ${elements} elements, expected at most ${MAX_TENSOR_ELEMENTS}`,
    )
  }
  const expected = elements * BYTES_PER_ELEMENT[dtype]
  if (end - start !== expected) {
    throw new AtlasError(
      'format/malformed',
      `${place} of shape [${shape.join(', ')}] and dtype ${code} needs ${expected} bytes, data_offsets give ${end - start}`,
    )
  }
  return { key, dtype, shape, start, end }
}

/** Every byte of the data belongs to one tensor. This also finds a name given twice, of which JSON keeps the last. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, name: string): void {
  let covered = 0
  for (const { key, start, end } of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered) {
      throw new AtlasError(
        'format/malformed',
        `${name}: "${key}" starts at byte ${start} of the data, expected ${covered}`,
      )
    }
    covered = end
  }
  if (covered !== dataBytes) {
    throw new AtlasError('format/malformed', `${name}: tensors take ${covered} bytes, the file holds ${dataBytes}`)
  }
}

function parseValue<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  place: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const path = v.getDotPath(issue)
  throw new AtlasError('format/malformed', `${place}${path === null ? '' : `, ${path}`}: ${issue.message}`)
}
