import { AtlasError } from '../../core/errors/AtlasError.ts'
import { MAX_STORY_BYTES } from './storyLimits.ts'

export const NEWLINE = Buffer.from('\n')
const BYTE_ORDER_MARK = Buffer.from('\ufeff')
const NO_BYTES: Buffer = Buffer.alloc(0)

/** Bytes between two delimiters. */
export interface Piece {
  readonly bytes: Buffer
  /** The line where it starts, from 1. */
  readonly line: number
}

/**
 * The pieces of a byte stream between occurrences of `delimiter`, in batches; a byte order mark at the very start is
 * left out, and nothing follows a delimiter that ends the stream. A piece beyond MAX_STORY_BYTES is `format/too-large`.
 */
export async function* splitBytes(
  chunks: AsyncIterable<Buffer>,
  delimiter: Buffer,
  name: string,
): AsyncGenerator<readonly Piece[]> {
  const cut = createCutter(delimiter, name)
  let rest: Buffer = NO_BYTES
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const pieces: Piece[] = []
    let start = 0
    let end = bytes.indexOf(delimiter, Math.max(0, rest.length - delimiter.length + 1))
    while (end !== -1) {
      pieces.push(cut(bytes.subarray(start, end)))
      start = end + delimiter.length
      end = bytes.indexOf(delimiter, start)
    }
    rest = bytes.subarray(start)
    // Too long wherever the delimiter may come, so that cutting refuses it.
    if (rest.length > MAX_STORY_BYTES + delimiter.length) cut(rest)
    if (pieces.length > 0) yield pieces
  }
  if (rest.length > 0) yield [cut(rest)]
}

/** Numbers the lines of the pieces it is given one after the other, and holds them to the limit. */
function createCutter(delimiter: Buffer, name: string): (bytes: Buffer) => Piece {
  const linesInDelimiter = countNewlines(delimiter)
  let line = 1
  let isFirst = true
  return (bytes) => {
    if (bytes.length > MAX_STORY_BYTES) {
      const message = `${name}:${line}: goes on for more than ${MAX_STORY_BYTES} bytes`
      throw new AtlasError('format/too-large', message, { details: { line, limit: MAX_STORY_BYTES } })
    }
    const marked = isFirst && bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    const piece = { bytes: marked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes, line }
    line += countNewlines(bytes) + linesInDelimiter
    isFirst = false
    return piece
  }
}

/** Line feeds among `bytes`. */
export function countNewlines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++
  return count
}
