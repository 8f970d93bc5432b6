import type { ByteSource } from '../bytes/ByteSource.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import type { HarvestSettings } from '../statistics/HarvestSettings.ts'
import type { SampledPositions } from '../statistics/SampledPositions.ts'
import { createWholeNumberReader, createWholeNumberWriter, type WholeNumberReader } from './wholeNumbers.ts'

/** Bytes of a block's length, a uint32 little-endian, that stand before it. */
const HEADER_BYTES = 4

/** Largest block we read: 4,096 positions of 30,000 active subcomponents. */
const MAX_BLOCK_BYTES = 2 ** 28

/**
 * A block of sampled positions: its length, then whole numbers (wholeNumbers.ts): rows, stories, positions, token ids; of
 * the outputs and of each module the entries of each row, and their ids as distances from the one before in the row (the
 * first from −1); probabilities behind the outputs' ids. Blocks one after the other are a file.
 */
export function encodeSampledPositions(block: SampledPositions): Uint8Array<ArrayBuffer> {
  const writer = createWholeNumberWriter()
  writer.add([block.rowCount])
  for (const column of [block.stories, block.positions, block.tokenIds]) writer.add(column)
  addRows(block.outputs.starts, block.outputs.tokenIds)
  writer.add(block.outputs.probabilities)
  for (const { starts, subcomponents } of block.modules) addRows(starts, subcomponents)
  const content = writer.bytes()
  const bytes = new Uint8Array(HEADER_BYTES + content.length)
  new DataView(bytes.buffer).setUint32(0, content.length, true)
  bytes.set(content, HEADER_BYTES)
  return bytes

  function addRows(starts: Uint32Array, ids: Uint32Array): void {
    const lengths = new Uint32Array(block.rowCount)
    const distances = new Uint32Array(ids.length)
    for (let row = 0; row < block.rowCount; row++) {
      const start = starts[row] ?? 0
      const end = starts[row + 1] ?? 0
      lengths[row] = end - start
      for (let i = start; i < end; i++) distances[i] = (ids[i] ?? 0) - (i === start ? -1 : (ids[i - 1] ?? 0))
    }
    writer.add(lengths)
    writer.add(distances)
  }
}

/** The blocks of sampled positions that `source` holds, one at a time; what is cut off or out of range is format/malformed. */
export async function* readSampledBlocks(
  source: ByteSource,
  settings: HarvestSettings,
): AsyncGenerator<SampledPositions> {
  for (let start = 0; start < source.byteLength; ) {
    const content = start + HEADER_BYTES
    if (content > source.byteLength) throw cutOff(source)
    const header = await source.slice(start, content)
    const byteLength = new DataView(header.buffer, header.byteOffset, HEADER_BYTES).getUint32(0, true)
    if (byteLength > MAX_BLOCK_BYTES) {
      throw new AtlasError(
        'format/too-large',
        `${source.name}: block of ${byteLength} bytes, at most ${MAX_BLOCK_BYTES} are read`,
      )
    }
    if (content + byteLength > source.byteLength) throw cutOff(source)
    yield decodeBlock(await source.slice(content, content + byteLength), settings, source.name)
    start = content + byteLength
  }
}

function decodeBlock(bytes: Uint8Array, settings: HarvestSettings, place: string): SampledPositions {
  const reader = createWholeNumberReader(bytes, place)
  const rowCount = reader.next()
  // Every row has a token, whose number is a byte or part of a run of zeros.
  if (rowCount >= 2 ** 24) throw malformed(place, `block of ${rowCount} positions`)
  const column = (limit: number): Uint32Array => below(reader.fill(new Uint32Array(rowCount)), limit, place)
  const stories = column(2 ** 32)
  const positions = column(settings.contextLength)
  const tokenIds = column(settings.vocabularySize)
  const outputs = readRows(reader, rowCount, settings.vocabularySize, place)
  const probabilities = reader.fill(new Uint32Array(outputs.ids.length))
  const modules = settings.modules.map(({ C }) => {
    const { starts, ids } = readRows(reader, rowCount, C, place)
    return { starts, subcomponents: ids }
  })
  reader.end()
  return {
    rowCount,
    stories,
    positions,
    tokenIds,
    outputs: { starts: outputs.starts, tokenIds: outputs.ids, probabilities },
    modules,
  }
}

function readRows(
  reader: WholeNumberReader,
  rowCount: number,
  limit: number,
  place: string,
): { readonly starts: Uint32Array; readonly ids: Uint32Array } {
  const lengths = below(reader.fill(new Uint32Array(rowCount)), limit + 1, place)
  const starts = new Uint32Array(rowCount + 1)
  for (let row = 0; row < rowCount; row++) starts[row + 1] = (starts[row] ?? 0) + (lengths[row] ?? 0)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  if (total > MAX_BLOCK_BYTES) throw malformed(place, `block of ${total} entries`)
  const ids = reader.fill(new Uint32Array(total))
  for (let row = 0; row < rowCount; row++) {
    let before = -1
    for (let i = starts[row] ?? 0; i < (starts[row + 1] ?? 0); i++) {
      const distance = ids[i] ?? 0
      before += distance
      if (distance === 0 || before >= limit) throw malformed(place, `entry ${before} out of order or beyond ${limit}`)
      ids[i] = before
    }
  }
  return { starts, ids }
}

function below(numbers: Uint32Array, limit: number, place: string): Uint32Array {
  const beyond = numbers.find((number) => number >= limit)
  if (beyond === undefined) return numbers
  throw malformed(place, `${beyond}, expected less than ${limit}`)
}

function cutOff({ name, byteLength }: ByteSource): AtlasError {
  return malformed(name, `${byteLength} bytes, cut off`)
}

function malformed(place: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}
