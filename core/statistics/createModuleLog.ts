/** Words of the pieces a log is made of. */
export const PIECE_WORDS = 2 ** 15

/**
 * A firing is a word, or four: its subcomponent's distance from the one before in the row (the first from −1) and bin, 12
 * and 4 bits; where they do not fit ESCAPE, the subcomponent's high and low half, and the bin.
 */
export const ESCAPE = 0
export const BIN_BITS = 4
export const BIN_MASK = 2 ** BIN_BITS - 1
const MAX_DISTANCE = 2 ** (16 - BIN_BITS) - 1
const ESCAPED_WORDS = 4

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

/** Row r has the words ends[r − 1] ≤ w < ends[r], word w standing in piece ⌊w / PIECE_WORDS⌋. */
export interface LoggedRows {
  readonly rowCount: number
  readonly firingCount: number
  readonly pieces: readonly Uint16Array[]
  readonly ends: Uint32Array
  readonly tokenIds: Uint32Array
  readonly blocks: Uint8Array
}

/** An empty log, which takes its memory from `takePiece`; `onRow` is called before each row. */
export function createModuleLog(takePiece: () => Uint16Array, onRow: (log: ModuleLog) => void): ModuleLog {
  let pieces: Uint16Array[] = []
  let wordCount = 0
  let firingCount = 0
  let rowCount = 0
  let [ends, tokenIds, blocks] = [new Uint32Array(1024), new Uint32Array(1024), new Uint8Array(1024)]
  let piece: Uint16Array = new Uint16Array(0)
  let at = 0

  const put = (word: number): void => {
    if (at === piece.length) {
      piece = takePiece()
      pieces.push(piece)
      at = 0
    }
    piece[at++] = word
    wordCount += 1
  }
  const growRows = (): void => {
    const larger = [new Uint32Array(2 * rowCount), new Uint32Array(2 * rowCount), new Uint8Array(2 * rowCount)] as const
    larger[0].set(ends)
    larger[1].set(tokenIds)
    larger[2].set(blocks)
    ;[ends, tokenIds, blocks] = larger
  }
  const log: ModuleLog = {
    get firingCount() {
      return firingCount
    },
    addRow: (tokenId, block, subcomponents, bins, length) => {
      onRow(log)
      if (length === 0) return
      let before = -1
      for (let i = 0; i < length; i++) {
        const c = subcomponents[i] ?? 0
        const bin = bins[i] ?? 0
        const distance = c - before
        before = c
        if (distance <= MAX_DISTANCE && bin <= BIN_MASK) {
          put((distance << BIN_BITS) | bin)
          continue
        }
        for (const word of [ESCAPE, c >>> 16, c & 0xffff, bin]) put(word)
      }
      if (rowCount === ends.length) growRows()
      ends[rowCount] = wordCount
      tokenIds[rowCount] = tokenId
      blocks[rowCount] = block
      rowCount += 1
      firingCount += length
    },
    read: () => ({ rowCount, firingCount, pieces, ends, tokenIds, blocks }),
    clear: () => {
      const given = pieces
      pieces = []
      piece = new Uint16Array(0)
      at = 0
      wordCount = 0
      firingCount = 0
      rowCount = 0
      return given
    },
  }
  return log
}

/**
 * Reads row `row` into `subcomponents` and `bins`, which have room for a row of all subcomponents; returns the number of
 * its firings.
 */
export function readLoggedRow(
  { pieces, ends }: LoggedRows,
  row: number,
  subcomponents: Uint32Array,
  bins: Uint8Array,
): number {
  let length = 0
  let c = -1
  const end = ends[row] ?? 0
  for (let w = row === 0 ? 0 : (ends[row - 1] ?? 0); w < end; w++) {
    const word = wordAt(pieces, w)
    if (word === ESCAPE) {
      c = (wordAt(pieces, w + 1) << 16) | wordAt(pieces, w + 2)
      bins[length] = wordAt(pieces, w + 3)
      w += ESCAPED_WORDS - 1
    } else {
      c += word >>> BIN_BITS
      bins[length] = word & BIN_MASK
    }
    subcomponents[length] = c
    length += 1
  }
  return length
}

function wordAt(pieces: readonly Uint16Array[], w: number): number {
  return pieces[Math.floor(w / PIECE_WORDS)]?.[w % PIECE_WORDS] ?? 0
}
