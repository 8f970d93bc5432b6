import { AtlasError } from '../../core/errors/AtlasError.ts'
import { decodeStoryText } from './decodeStoryText.ts'
import type { PlacedText, StorySeparator } from './Story.ts'
import { countNewlines, NEWLINE, type Piece, splitBytes } from './splitBytes.ts'
import { MAX_STORY_BYTES } from './storyLimits.ts'

const MARKER = '<|endoftext|>'
const MARKER_BYTES = Buffer.from(MARKER)

/**
 * The separator of a .txt file: `endoftext` where the marker stands in its first MAX_STORY_BYTES, else `blank-line`.
 * A file separated by markers has one there, or its first story is beyond the limit.
 */
export async function findStorySeparator(chunks: AsyncIterable<Buffer>): Promise<StorySeparator> {
  const head: Buffer[] = []
  let byteLength = 0
  for await (const chunk of chunks) {
    head.push(chunk)
    byteLength += chunk.length
    if (byteLength >= MAX_STORY_BYTES + MARKER_BYTES.length) break
  }
  const start = Buffer.concat(head).subarray(0, MAX_STORY_BYTES + MARKER_BYTES.length)
  return start.includes(MARKER_BYTES) ? 'endoftext' : 'blank-line'
}

interface TextOptions {
  readonly name: string
  readonly separator: StorySeparator
  /** Whether a marker is refused between blank lines, as it is where the separator was found and not given. */
  readonly refusesMarker: boolean
}

/**
 * The stories of plain text. White space around a story is layout and left out, `\r\n` is read as `\n`. Between two
 * markers there is a story even if it is empty; before the first and after the last one there is not.
 */
export async function* readTextStories(
  chunks: AsyncIterable<Buffer>,
  { name, separator, refusesMarker }: TextOptions,
): AsyncGenerator<readonly PlacedText[]> {
  const pieces =
    separator === 'endoftext'
      ? withoutEmptyEnds(splitBytes(chunks, MARKER_BYTES, name))
      : joinParagraphs(splitBytes(chunks, NEWLINE, name), name, refusesMarker)
  for await (const batch of pieces) yield batch.map((piece) => readPiece(piece, name))
}

async function* withoutEmptyEnds(batches: AsyncIterable<readonly Piece[]>): AsyncGenerator<readonly Piece[]> {
  let waiting: Piece | null = null
  let isFirst = true
  for await (const batch of batches) {
    const complete: Piece[] = []
    for (const piece of batch) {
      if (waiting !== null) complete.push(waiting)
      waiting = isFirst && isBlank(piece.bytes) ? null : piece
      isFirst = false
    }
    yield complete
  }
  if (waiting !== null && !isBlank(waiting.bytes)) yield [waiting]
}

async function* joinParagraphs(
  batches: AsyncIterable<readonly Piece[]>,
  name: string,
  refusesMarker: boolean,
): AsyncGenerator<readonly Piece[]> {
  let paragraph = createParagraph(name)
  for await (const lines of batches) {
    const complete: Piece[] = []
    for (const line of lines) {
      if (refusesMarker && line.bytes.includes(MARKER_BYTES)) throw markerError(`${name}:${line.line}`)
      if (!isBlank(line.bytes)) paragraph.add(line)
      else if (!paragraph.isEmpty()) {
        complete.push(paragraph.join())
        paragraph = createParagraph(name)
      }
    }
    yield complete
  }
  if (!paragraph.isEmpty()) yield [paragraph.join()]
}

function createParagraph(name: string) {
  const parts: Buffer[] = []
  let start = 0
  let byteLength = 0
  return {
    isEmpty: (): boolean => parts.length === 0,
    add({ bytes, line }: Piece): void {
      if (parts.length === 0) start = line
      byteLength += bytes.length + NEWLINE.length
      if (byteLength > MAX_STORY_BYTES) {
        const message = `${name}:${start}: goes on for more than ${MAX_STORY_BYTES} bytes`
        throw new AtlasError('format/too-large', message, { details: { line: start, limit: MAX_STORY_BYTES } })
      }
      parts.push(bytes, NEWLINE)
    },
    join: (): Piece => ({ bytes: Buffer.concat(parts), line: start }),
  }
}

function markerError(place: string): AtlasError {
  const message = `${place}: holds ${MARKER}, which the first ${MAX_STORY_BYTES} bytes do not, so that blank lines were taken to separate the stories`
  return new AtlasError('format/malformed', message)
}

function readPiece({ bytes, line }: Piece, name: string): PlacedText {
  const start = skipSpace(bytes)
  const at = line + countNewlines(bytes.subarray(0, start))
  const text = decodeStoryText(bytes.subarray(start, endOfText(bytes, start)), `${name}:${at}`)
  return { text: text.replaceAll('\r\n', '\n'), at }
}

function skipSpace(bytes: Buffer): number {
  let start = 0
  while (start < bytes.length && isSpace(bytes[start])) start++
  return start
}

function endOfText(bytes: Buffer, start: number): number {
  let end = bytes.length
  while (end > start && isSpace(bytes[end - 1])) end--
  return end
}

const isBlank = (bytes: Buffer): boolean => skipSpace(bytes) === bytes.length

/** Space, tab, line feed, carriage return. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d
}
