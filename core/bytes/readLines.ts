import { AtlasError } from '../errors/AtlasError.ts'
import type { ByteSource } from './ByteSource.ts'

/** A line of a file, without its line feed. */
export interface Line {
  readonly bytes: Uint8Array
  /** Where it starts in the file, in bytes. */
  readonly start: number
}

/** Bytes read at a time. */
const CHUNK_BYTES = 2 ** 20
const LINE_FEED = 10

/**
 * The lines of `source` from byte `start` on, one after the other; nothing follows a line feed that ends the file. In
 * memory are one line and the chunk it ends in. A line beyond `maxBytes` is `format/too-large`.
 */
export async function* readLines(source: ByteSource, start: number, maxBytes: number): AsyncGenerator<Line> {
  let pieces: Uint8Array[] = []
  let pieceBytes = 0
  let lineStart = start
  const take = (piece: Uint8Array): void => {
    pieces.push(piece)
    pieceBytes += piece.length
    if (pieceBytes <= maxBytes) return
    throw new AtlasError(
      'format/too-large',
      `${source.name}: the line at byte ${lineStart} goes on for more than ${maxBytes} bytes`,
    )
  }
  const finish = (): Line => {
    const line = { bytes: joinPieces(pieces, pieceBytes), start: lineStart }
    pieces = []
    lineStart += pieceBytes + 1
    pieceBytes = 0
    return line
  }
  for (let at = start; at < source.byteLength; at += CHUNK_BYTES) {
    const chunk = await source.slice(at, Math.min(at + CHUNK_BYTES, source.byteLength))
    let begin = 0
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, begin)) {
      take(chunk.subarray(begin, end))
      yield finish()
      begin = end + 1
    }
    take(chunk.subarray(begin))
  }
  if (pieceBytes > 0) yield finish()
}

function joinPieces(pieces: readonly Uint8Array[], byteLength: number): Uint8Array {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return only
  const joined = new Uint8Array(byteLength)
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.length
  }
  return joined
}
