import type { FiringShape } from './firingRun.ts'

/** Words of the pieces a log is made of. */
export const PIECE_WORDS = 2 ** 15

/**
 * A firing is a word, or four: its subcomponent's distance from the one before in the row (the first from −1) and bin, 12
 * and 4 bits; where they do not fit ESCAPE, the subcomponent's high and low half, and the bin.
 */
export const ESCAPE = 0
export const LOG_BIN_BITS = 4
const MAX_BIN = 2 ** LOG_BIN_BITS - 1
const MAX_DISTANCE = 2 ** (16 - LOG_BIN_BITS) - 1
export const ESCAPED_WORDS = 4

/** The firings of one module, row by row. */
export interface ModuleLog {
  readonly firingCount: number
  /**
   * Adds a row, a position holding `tokenId` in a story of jackknife block `block`, with its first `length` firings:
   * subcomponents ascending, each in a bin of 1 to 255.
   */
  addRow(tokenId: number, block: number, subcomponents: Uint32Array, bins: Uint8Array, length: number): void
  /** What was logged; valid until the log is cleared. */
  read(): LoggedRows
  /** Forgets it all and gives the pieces back. */
  clear(): Uint16Array[]
}

/** Row r has the words ends[r − 1] ≤ w < ends[r]. */
export interface LoggedRows {
  readonly rowCount: number
  readonly firingCount: number
  readonly words: Uint16Array
  readonly ends: Uint32Array
  readonly tokenIds: Uint32Array
  readonly blocks: Uint8Array
}

/** An empty log of a module, which takes its memory from `takePiece`; `onRow` is called before each row. */
export function createModuleLog(
  { C, levelCount }: Pick<FiringShape, 'C' | 'levelCount'>,
  takePiece: () => Uint16Array,
  onRow: (log: ModuleLog) => void,
): ModuleLog {
  // So many firings of a row may take more than a word.
  const mostEscapes = levelCount > MAX_BIN ? C : Math.floor(C / MAX_DISTANCE)
  let pieces: { readonly words: Uint16Array; length: number }[] = []
  let piece: Uint16Array = new Uint16Array(0)
  let at = 0
  let firingCount = 0
  const rows = createRows()

  /** Makes room for `length` words side by side; what is left of the last piece stays empty. */
  const reserve = (length: number): void => {
    if (at + length <= piece.length) return
    closePiece()
    piece = length <= PIECE_WORDS ? takePiece() : new Uint16Array(length)
    pieces.push({ words: piece, length: 0 })
    at = 0
  }
  const closePiece = (): void => {
    const last = pieces.at(-1)
    if (last !== undefined) last.length = at
  }
  const log: ModuleLog = {
    get firingCount() {
      return firingCount
    },
    addRow: (tokenId, block, subcomponents, bins, length) => {
      onRow(log)
      if (length === 0) return
      reserve(length + (ESCAPED_WORDS - 1) * Math.min(length, mostEscapes))
      const end = writeRow(piece, at, subcomponents, bins, length)
      rows.add(end - at, tokenId, block)
      at = end
      firingCount += length
    },
    read: () => {
      closePiece()
      const words = new Uint16Array(pieces.reduce((sum, { length }) => sum + length, 0))
      let start = 0
      for (const { words: written, length } of pieces) {
        words.set(written.subarray(0, length), start)
        start += length
      }
      return { ...rows.read(), firingCount, words }
    },
    clear: () => {
      const given = pieces.map(({ words }) => words).filter(({ length }) => length === PIECE_WORDS)
      pieces = []
      piece = new Uint16Array(0)
      at = 0
      firingCount = 0
      rows.clear()
      return given
    },
  }
  return log
}

/** Writes a row's firings from `start` on; returns where they end. */
function writeRow(
  words: Uint16Array,
  start: number,
  subcomponents: Uint32Array,
  bins: Uint8Array,
  length: number,
): number {
  let at = start
  let before = -1
  for (let i = 0; i < length; i++) {
    const c = subcomponents[i] ?? 0
    const bin = bins[i] ?? 0
    const distance = c - before
    before = c
    if (distance <= MAX_DISTANCE && bin <= MAX_BIN) {
      words[at++] = (distance << LOG_BIN_BITS) | bin
      continue
    }
    words[at] = ESCAPE
    words[at + 1] = c >>> 16
    words[at + 2] = c & 0xffff
    words[at + 3] = bin
    at += ESCAPED_WORDS
  }
  return at
}

/** Where each row ends, its token and its block, in arrays that grow. */
function createRows() {
  let count = 0
  let [ends, tokenIds, blocks] = [new Uint32Array(1024), new Uint32Array(1024), new Uint8Array(1024)]
  return {
    add: (words: number, tokenId: number, block: number): void => {
      if (count === ends.length) {
        const larger = [new Uint32Array(2 * count), new Uint32Array(2 * count), new Uint8Array(2 * count)] as const
        larger[0].set(ends)
        larger[1].set(tokenIds)
        larger[2].set(blocks)
        ;[ends, tokenIds, blocks] = larger
      }
      ends[count] = words + (count === 0 ? 0 : (ends[count - 1] ?? 0))
      tokenIds[count] = tokenId
      blocks[count] = block
      count += 1
    },
    read: () => ({ rowCount: count, ends, tokenIds, blocks }),
    clear: (): void => {
      count = 0
    },
  }
}
