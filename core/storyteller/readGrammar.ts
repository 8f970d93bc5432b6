import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import type { Grammar } from './Grammar.ts'

/** The grammar file's format; any other number is refused. */
export const GRAMMAR_FORMAT = 1

// The demo grammar has 241 skeletons of at most 2,300 characters, 65 categories of at most 80 words, in 0.5 MB.
const MAX_FILE_CHARACTERS = 16 * 2 ** 20
const MAX_SKELETONS = 10_000
const MAX_SKELETON_CHARACTERS = 20_000
const MAX_CATEGORIES = 1_000
const MAX_WORDS = 10_000
const MAX_WORD_CHARACTERS = 100

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_WORD_CHARACTERS))

const grammarSchema = v.object({
  format: v.literal(GRAMMAR_FORMAT),
  lexicon: v.pipe(
    v.array(
      v.object({
        name: word,
        words: v.pipe(v.array(v.object({ singular: word, plural: word })), v.minLength(1), v.maxLength(MAX_WORDS)),
      }),
    ),
    v.maxLength(MAX_CATEGORIES),
  ),
  skeletons: v.pipe(
    v.array(v.object({ theme: word, style: word, body: v.pipe(v.string(), v.maxLength(MAX_SKELETON_CHARACTERS)) })),
    v.minLength(1),
    v.maxLength(MAX_SKELETONS),
  ),
})

/** Reads `stories/grammar.json`, an untrusted file; `name` is what messages call it. */
export function readGrammar(json: string, name: string): Grammar {
  if (json.length > MAX_FILE_CHARACTERS) {
    throw new AtlasError(
      'format/too-large',
      `${name} has ${json.length} characters, expected at most ${MAX_FILE_CHARACTERS}`,
    )
  }
  const result = v.safeParse(grammarSchema, parseJson(json, name))
  if (!result.success) {
    const [issue] = result.issues
    throw new AtlasError('format/malformed', `${name}: ${issue.message}, at ${v.getDotPath(issue) ?? 'its root'}`)
  }
  const { lexicon, skeletons } = result.output
  return { lexicon, skeletons }
}

/** The grammar as the JSON that `readGrammar` reads. */
export function writeGrammar(grammar: Grammar): string {
  return JSON.stringify({ format: GRAMMAR_FORMAT, lexicon: grammar.lexicon, skeletons: grammar.skeletons })
}

function parseJson(json: string, name: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new AtlasError('format/malformed', `${name} is not JSON`, { cause })
  }
}
