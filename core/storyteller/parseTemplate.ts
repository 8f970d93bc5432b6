import { AtlasError } from '../errors/AtlasError.ts'
import { parseSlot } from './parseSlot.ts'
import type { Template, TemplatePart } from './Template.ts'

/** The demo grammar nests alternatives 2 deep; 16 stops a crafted file before the call stack does. */
const MAX_NESTING = 16

/** Reads the body of a skeleton; `place` says in messages which one, e.g. 'skeleton 3 ("lost things")'. */
export function parseTemplate(body: string, place: string): Template {
  const cursor: Cursor = { body, place, offset: 0 }
  const template = parseSequence(cursor, 0)
  if (cursor.offset < body.length) {
    throw malformed(cursor, `"${body[cursor.offset]}" at character ${cursor.offset} closes nothing`)
  }
  return template
}

interface Cursor {
  readonly body: string
  readonly place: string
  offset: number
}

/** Reads up to the end, a stray closing character or, inside a choice, the "|" or "]" that ends the option. */
function parseSequence(cursor: Cursor, depth: number): Template {
  const end = depth > 0 ? /[{}[\]|]/g : /[{}[\]]/g
  const parts: TemplatePart[] = []
  while (cursor.offset < cursor.body.length) {
    end.lastIndex = cursor.offset
    const markup = end.exec(cursor.body)
    const textEnd = markup?.index ?? cursor.body.length
    if (textEnd > cursor.offset) parts.push({ kind: 'text', text: cursor.body.slice(cursor.offset, textEnd) })
    cursor.offset = textEnd
    if (markup?.[0] === '{') parts.push(readSlot(cursor))
    else if (markup?.[0] === '[') parts.push(readChoice(cursor, depth + 1))
    else return parts
  }
  return parts
}

function readSlot(cursor: Cursor): TemplatePart {
  const start = cursor.offset
  const end = cursor.body.indexOf('}', start)
  if (end < 0) throw malformed(cursor, `"{" at character ${start} is never closed, expected "}"`)
  cursor.offset = end + 1
  return parseSlot(cursor.body.slice(start + 1, end), cursor.place)
}

function readChoice(cursor: Cursor, depth: number): TemplatePart {
  const start = cursor.offset
  if (depth > MAX_NESTING) {
    throw malformed(cursor, `"[" at character ${start} is nested ${depth} deep, expected at most ${MAX_NESTING}`)
  }
  const options: Template[] = []
  do {
    cursor.offset += 1
    options.push(parseSequence(cursor, depth))
  } while (cursor.body[cursor.offset] === '|')
  if (cursor.body[cursor.offset] !== ']') {
    throw malformed(cursor, `"[" at character ${start} is never closed, expected "]"`)
  }
  cursor.offset += 1
  return { kind: 'choice', options }
}

function malformed(cursor: Cursor, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${cursor.place}: ${finding}`)
}
