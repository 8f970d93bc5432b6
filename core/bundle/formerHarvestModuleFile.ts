import { AtlasError } from '../errors/AtlasError.ts'
import { createFiringSample } from '../statistics/FiringSample.ts'
import type { HarvestedModule } from '../statistics/formerHarvestedModule.ts'
import { concatenate } from './gunzip.ts'
import { decodeTokenCounts, encodeTokenCounts } from './tokenCountsBlob.ts'

/** First bytes of a harvest's module file: "SPDH", then the version of its layout. */
const MAGIC = 0x48445053
const VERSION = 1

/** Most subcomponents of a module we read: the largest public run has 4,000. */
const MAX_SUBCOMPONENTS = 2 ** 20

/**
 * A module's part of a harvest as bytes, little-endian, each array padded to a multiple of 8 bytes:
 * uint32[6]: magic, version, C, k, W, bytes of all blobs; float64[C] CI sums; uint32[C] lengths of the blobs; the blobs
 * (encodeTokenCounts) one after the other; then the arrays of the firing sample in the order of their declaration,
 * `sizes` to `windows`.
 */
export function encodeHarvestModule({ tokenCounts, ciSums, examples }: HarvestedModule): Uint8Array<ArrayBuffer> {
  const blobs = tokenCounts.map(encodeTokenCounts)
  const lengths = Uint32Array.from(blobs, (blob) => blob.length)
  const blobBytes = lengths.reduce((sum, length) => sum + length, 0)
  const { capacity, windowLength } = examples
  const parts = [
    Uint32Array.of(MAGIC, VERSION, ciSums.length, capacity, windowLength, blobBytes),
    ciSums,
    lengths,
    concatenate(blobs, blobBytes),
    ...sampleArrays(examples),
  ].map(paddedBytes)
  return concatenate(
    parts,
    parts.reduce((sum, part) => sum + part.length, 0),
  )
}

/** The module of a file of `encodeHarvestModule`; `name` is for messages. */
export function decodeHarvestModule(bytes: Uint8Array, name: string): HarvestedModule {
  let offset = 0
  const fill = <T extends Uint8Array | Uint32Array | Float32Array | Float64Array>(array: T): T => {
    const target = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    if (offset + target.length > bytes.length) throw malformed(name, `${bytes.length} bytes, cut off`)
    target.set(bytes.subarray(offset, offset + target.length))
    offset += padded(target.length)
    return array
  }
  const [magic, version, C = 0, capacity = 0, windowLength = 0, blobBytes = 0] = fill(new Uint32Array(6))
  if (magic !== MAGIC) throw malformed(name, 'not a module of a harvest')
  if (version !== VERSION) throw malformed(name, `layout version ${version}, expected ${VERSION}`)
  if (C > MAX_SUBCOMPONENTS) throw malformed(name, `${C} subcomponents, at most ${MAX_SUBCOMPONENTS} are read`)
  if (capacity > 255 || blobBytes > bytes.length || C * capacity * windowLength > bytes.length) {
    throw malformed(name, `${bytes.length} bytes, cut off`)
  }
  const ciSums = fill(new Float64Array(C))
  const lengths = fill(new Uint32Array(C))
  const blobs = fill(new Uint8Array(blobBytes))
  let start = 0
  const tokenCounts = Array.from(lengths, (length, c) => {
    start += length
    return decodeTokenCounts(blobs.subarray(start - length, start), `${name}: subcomponent ${c}`)
  })
  const examples = createFiringSample(C, capacity, (windowLength - 1) / 2)
  for (const array of sampleArrays(examples)) fill(array)
  return { tokenCounts, ciSums, examples }
}

function sampleArrays(examples: HarvestedModule['examples']): (Uint8Array | Uint32Array | Float32Array)[] {
  const { sizes, bounds, keys, stories, positions, causalImportances, innerActivations, windows } = examples
  return [sizes, bounds, keys, stories, positions, causalImportances, innerActivations, windows]
}

/** Typed arrays have the byte order of the machine: little-endian on all that Node and browsers run on. */
function paddedBytes(array: Uint8Array | Uint32Array | Float32Array | Float64Array): Uint8Array {
  const bytes = new Uint8Array(padded(array.byteLength))
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  return bytes
}

function padded(byteLength: number): number {
  return Math.ceil(byteLength / 8) * 8
}

function malformed(name: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${name}: ${finding}`)
}
