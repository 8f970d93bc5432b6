import type { LoggedModule } from './createFiringLog.ts'
import { binBitsOf, createRunWriter, type FiringShape, type RunWriter } from './firingRun.ts'

/** What the rows of a batch hold, the same for all modules. */
export interface LoggedRows {
  readonly rowCount: number
  readonly tokenIds: Uint32Array
  /** Jackknife blocks. */
  readonly blocks: Uint8Array
}

/** The firings of one module in one batch. */
export interface LoggedBatch {
  /** Index of the batch's rows. */
  readonly rows: number
  /** Row and bin of each firing, column by column: the bin in the `binBitsOf` lowest bits. */
  readonly firings: Uint16Array | Uint32Array
  /** Firings of each column. */
  readonly lengths: Uint16Array | Uint32Array
}

/**
 * Adds the firings of a module up as a run. Batches hold them column by column, so that each is read from end to end once,
 * side by side, and one column's counts are all that is in memory: a cell for each level of each token seen.
 */
export function runOfLog(
  rows: readonly LoggedRows[],
  batches: readonly LoggedBatch[],
  { shape, subcomponents }: LoggedModule,
): Uint8Array<ArrayBuffer> {
  const { vocabularySize, levelCount: G } = shape
  const tokens = tokensSeen(rows, vocabularySize)
  const cells = createCells(tokens.length, G)
  const readers = createReaders(rows, batches, tokens, shape)
  const writer = createRunWriter(shape)
  for (let column = 0; column < subcomponents.length; column++) {
    for (const reader of readers) readColumn(reader, column, cells)
    writeColumn(cells, tokens, (subcomponents[column] ?? 0) * vocabularySize, writer)
  }
  writer.end()
  return writer.take()
}

/** The token ids of some rows, ascending. */
function tokensSeen(rows: readonly LoggedRows[], vocabularySize: number): Uint32Array {
  const isSeen = new Uint8Array(vocabularySize)
  for (const { rowCount, tokenIds } of rows) for (let row = 0; row < rowCount; row++) isSeen[tokenIds[row] ?? 0] = 1
  const tokens: number[] = []
  for (let token = 0; token < vocabularySize; token++) if (isSeen[token] === 1) tokens.push(token)
  return Uint32Array.from(tokens)
}

/** Counts of one column by (token seen, bin). */
interface Cells {
  readonly G: number
  /** uint32[tokens seen, G] */
  readonly counts: Uint32Array
  /** uint16[tokens seen, G]: jackknife blocks. */
  readonly masks: Uint16Array
  /** A bit for each token that has a count. */
  readonly touched: Uint32Array
}

function createCells(tokenCount: number, G: number): Cells {
  const size = tokenCount * G
  const touched = new Uint32Array(Math.ceil(tokenCount / 32))
  return { G, counts: new Uint32Array(size), masks: new Uint16Array(size), touched }
}

/** A batch of a module, and how far it is read. */
interface Reader {
  readonly batch: LoggedBatch
  /** Place of the row's token among those seen. */
  readonly places: Uint32Array
  readonly masks: Uint16Array
  readonly binBits: number
  at: number
}

function createReaders(
  rows: readonly LoggedRows[],
  batches: readonly LoggedBatch[],
  tokens: Uint32Array,
  shape: FiringShape,
): Reader[] {
  const placeOf = new Uint32Array(shape.vocabularySize)
  const binBits = binBitsOf(shape)
  for (const [place, token] of tokens.entries()) placeOf[token] = place
  const columns = rows.map(({ tokenIds, blocks }) => ({
    places: tokenIds.map((token) => placeOf[token] ?? 0),
    masks: Uint16Array.from(blocks, (block) => 1 << block),
  }))
  return batches.flatMap((batch) => {
    const ofRows = columns[batch.rows]
    return ofRows === undefined ? [] : [{ batch, ...ofRows, binBits, at: 0 }]
  })
}

function readColumn(reader: Reader, column: number, { G, counts, masks, touched }: Cells): void {
  const { batch, places, masks: rowMasks, binBits } = reader
  const end = reader.at + (batch.lengths[column] ?? 0)
  const binMask = 2 ** binBits - 1
  const { firings } = batch
  for (let i = reader.at; i < end; i++) {
    const firing = firings[i] ?? 0
    const row = firing >>> binBits
    const place = places[row] ?? 0
    const cell = place * G + (firing & binMask) - 1
    counts[cell] = (counts[cell] ?? 0) + 1
    masks[cell] = (masks[cell] ?? 0) | (rowMasks[row] ?? 0)
    touched[place >>> 5] = (touched[place >>> 5] ?? 0) | (1 << (place & 31))
  }
  reader.at = end
}

/** Writes what was counted, in order, and forgets it. */
function writeColumn(
  { G, counts, masks, touched }: Cells,
  tokens: Uint32Array,
  firstCell: number,
  writer: RunWriter,
): void {
  for (let word = 0; word < touched.length; word++) {
    let bits = touched[word] ?? 0
    if (bits === 0) continue
    touched[word] = 0
    for (; bits !== 0; bits &= bits - 1) {
      const place = 32 * word + 31 - Math.clz32(bits & -bits)
      const key = (firstCell + (tokens[place] ?? 0)) * G
      for (let bin = 0; bin < G; bin++) {
        const cell = place * G + bin
        const count = counts[cell] ?? 0
        if (count === 0) continue
        writer.add(key + bin, count, masks[cell] ?? 0)
        counts[cell] = 0
        masks[cell] = 0
      }
    }
  }
}
