import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'

/** What `text` holds; `format/malformed` where it is not JSON. */
export function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AtlasError('format/malformed', `${place}: not JSON`, { cause })
  }
}

/** `json` if it is as `schema` says, else `format/malformed`. */
export function parse<T>(schema: v.GenericSchema<unknown, T>, json: unknown, place: string): T {
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new AtlasError('format/malformed', `${place}: ${v.getDotPath(issue) ?? 'as a whole'}: ${issue.message}`)
}
