import { ESCAPE, ESCAPED_WORDS, LOG_BIN_BITS, type LoggedRows } from './createModuleLog.ts'
import { BLOCK_BITS, binBitsOf, createRunWriter, type FiringShape } from './firingRun.ts'
import { JACKKNIFE_BLOCKS } from './HarvestSettings.ts'

/** What the firings of a module are added up to beside a run. */
export interface CountedFirings {
  readonly shape: FiringShape
  /** uint32[C, G] */
  readonly binCounts: Uint32Array
  /** uint32[C, JACKKNIFE_BLOCKS], of the firings in bins above `activeLevel`. */
  readonly blockCounts: Uint32Array
  /** Index of the run's threshold among the levels. */
  readonly activeLevel: number
}

const BLOCK_MASK = 2 ** BLOCK_BITS - 1
const LOG_BIN_MASK = 2 ** LOG_BIN_BITS - 1

/**
 * Adds the firings of a log up as a run, and to the counts of `counted`. Rows are taken by token, and their firings dealt
 * to `scratch`, uint32[firings], by subcomponent: both in linear time, which leaves them in the order of a run.
 */
export function runOfLog(rows: LoggedRows, counted: CountedFirings, scratch: Uint32Array): Uint8Array<ArrayBuffer> {
  dealFirings(rows, counted.shape, scratch)
  return addUp(scratch, firstPlaces(rows, counted.shape.C), counted)
}

/** uint32[rows]: the rows by token, those of one token in their own order. */
function rowsByToken({ rowCount, tokenIds }: LoggedRows, vocabularySize: number): Uint32Array {
  const places = new Uint32Array(vocabularySize + 1)
  for (let row = 0; row < rowCount; row++) {
    const next = (tokenIds[row] ?? 0) + 1
    places[next] = (places[next] ?? 0) + 1
  }
  for (let token = 0; token < vocabularySize; token++)
    places[token + 1] = (places[token + 1] ?? 0) + (places[token] ?? 0)
  const order = new Uint32Array(rowCount)
  for (let row = 0; row < rowCount; row++) {
    const token = tokenIds[row] ?? 0
    const place = places[token] ?? 0
    order[place] = row
    places[token] = place + 1
  }
  return order
}

/** Fills `scratch` with (token, block, bin) by subcomponent, tokens ascending: token and block above `binBitsOf` bits of bin. */
function dealFirings(rows: LoggedRows, shape: FiringShape, scratch: Uint32Array): void {
  const places = firstPlaces(rows, shape.C)
  const order = rowsByToken(rows, shape.vocabularySize)
  const { words, ends, tokenIds, blocks } = rows
  const binBits = binBitsOf(shape)
  for (let i = 0; i < order.length; i++) {
    const row = order[i] ?? 0
    const end = ends[row] ?? 0
    const high = (((tokenIds[row] ?? 0) << BLOCK_BITS) | (blocks[row] ?? 0)) << binBits
    let c = -1
    for (let w = row === 0 ? 0 : (ends[row - 1] ?? 0); w < end; w++) {
      const word = words[w] ?? 0
      let bin = word & LOG_BIN_MASK
      if (word === ESCAPE) {
        c = ((words[w + 1] ?? 0) << 16) | (words[w + 2] ?? 0)
        bin = words[w + 3] ?? 0
        w += ESCAPED_WORDS - 1
      } else c += word >>> LOG_BIN_BITS
      const place = places[c] ?? 0
      scratch[place] = high | bin
      places[c] = place + 1
    }
  }
}

/** uint32[C + 1]: firings of the subcomponents before each. */
function firstPlaces({ rowCount, words, ends }: LoggedRows, C: number): Uint32Array {
  const places = new Uint32Array(C + 1)
  for (let row = 0, w = 0; row < rowCount; row++) {
    const end = ends[row] ?? 0
    for (let next = 0; w < end; w++) {
      const word = words[w] ?? 0
      if (word === ESCAPE) {
        next = (((words[w + 1] ?? 0) << 16) | (words[w + 2] ?? 0)) + 1
        w += ESCAPED_WORDS - 1
      } else next += word >>> LOG_BIN_BITS
      places[next] = (places[next] ?? 0) + 1
    }
  }
  for (let c = 0; c < C; c++) places[c + 1] = (places[c + 1] ?? 0) + (places[c] ?? 0)
  return places
}

function addUp(firings: Uint32Array, starts: Uint32Array, counted: CountedFirings): Uint8Array<ArrayBuffer> {
  const { shape, binCounts, blockCounts, activeLevel } = counted
  const { C, vocabularySize, levelCount: G } = shape
  const binBits = binBitsOf(shape)
  const binMask = 2 ** binBits - 1
  const tokenShift = binBits + BLOCK_BITS
  const writer = createRunWriter(shape)
  const counts = new Uint32Array(G + 1)
  const masks = new Uint16Array(G + 1)
  for (let c = 0, i = 0; c < C; c++) {
    const end = starts[c + 1] ?? 0
    while (i < end) {
      const tokenId = (firings[i] ?? 0) >>> tokenShift
      let least = G
      let greatest = 0
      for (; i < end; i++) {
        const firing = firings[i] ?? 0
        if (firing >>> tokenShift !== tokenId) break
        const bin = firing & binMask
        const block = (firing >>> binBits) & BLOCK_MASK
        counts[bin] = (counts[bin] ?? 0) + 1
        masks[bin] = (masks[bin] ?? 0) | (1 << block)
        if (bin < least) least = bin
        if (bin > greatest) greatest = bin
        if (bin <= activeLevel) continue
        const cell = c * JACKKNIFE_BLOCKS + block
        blockCounts[cell] = (blockCounts[cell] ?? 0) + 1
      }
      const first = (c * vocabularySize + tokenId) * G - 1
      for (let bin = least; bin <= greatest; bin++) {
        const count = counts[bin] ?? 0
        if (count === 0) continue
        writer.add(first + bin, count, masks[bin] ?? 0)
        const cell = c * G + bin - 1
        binCounts[cell] = (binCounts[cell] ?? 0) + count
        counts[bin] = 0
        masks[bin] = 0
      }
    }
  }
  writer.end()
  return writer.take()
}
