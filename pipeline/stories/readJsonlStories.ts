import { AtlasError } from '../../core/errors/AtlasError.ts'
import { decodeStoryText } from './decodeStoryText.ts'
import { listNames } from './listNames.ts'
import type { PlacedText } from './Story.ts'
import { NEWLINE, type Piece, splitBytes } from './splitBytes.ts'

/** Half of a character beyond the Basic Multilingual Plane, which JSON can spell with an escape and UTF-8 cannot. */
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * The stories of JSON Lines: `field` of the object on each line. Lines of white space hold none. Anything but an object
 * with text in `field` is refused with its line, `name` being the file.
 */
export async function* readJsonlStories(
  chunks: AsyncIterable<Buffer>,
  { name, field }: { readonly name: string; readonly field: string },
): AsyncGenerator<readonly PlacedText[]> {
  for await (const lines of splitBytes(chunks, NEWLINE, name)) {
    const stories: PlacedText[] = []
    for (const line of lines) {
      const text = readLine(line, field, `${name}:${line.line}`)
      if (text !== null) stories.push({ text, at: line.line })
    }
    yield stories
  }
}

function readLine({ bytes }: Piece, field: string, place: string): string | null {
  const json = decodeStoryText(bytes, place)
  if (json.trim() === '') return null
  const record = parseObject(json, place)
  const text = Object.hasOwn(record, field) ? record[field] : undefined
  if (text === undefined) {
    throw malformed(`${place}: has no field "${field}", its fields are ${listNames(Object.keys(record))}`)
  }
  if (typeof text !== 'string') throw malformed(`${place}: field "${field}" is ${typeName(text)}, expected text`)
  if (LONE_SURROGATE.test(text)) throw malformed(`${place}: field "${field}" holds half of a surrogate pair`)
  return text
}

function parseObject(json: string, place: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw malformed(`${place}: is not JSON`, cause)
  }
  if (!isRecord(value)) throw malformed(`${place}: is ${typeName(value)}, expected an object`)
  return value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function malformed(message: string, cause?: unknown): AtlasError {
  return new AtlasError('format/malformed', message, { cause })
}
