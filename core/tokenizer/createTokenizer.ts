import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers'
import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import { restoreReferenceSplitting } from './restoreReferenceSplitting.ts'

/** Word pieces of the target model's author. */
export interface Tokenizer {
  /** Largest token id + 1. */
  readonly vocabularySize: number
  /** Ids that stand for no text of their own: the added tokens marked special ([EOS]), and the unknown token. */
  readonly specialIds: ReadonlySet<number>
  /** The token ids of `text`, with whatever the tokenizer's own post-processor adds ([EOS] at the end). */
  encode(text: string): Encoding
  /** The token `id` as the tokenizer writes it, e.g. "##ing"; null where the tokenizer has none (rows that pad an embedding). */
  tokenOf(id: number): string | null
}

export interface Encoding {
  readonly ids: readonly number[]
  /** As the tokenizer writes them, one an id; text outside the vocabulary is the unknown token. */
  readonly tokens: readonly string[]
}

/** The largest of the public ones (Gemma's) has 34 MB. */
const MAX_TOKENIZER_CHARACTERS = 64 * 2 ** 20

const fileSchema = v.looseObject({
  model: v.looseObject({
    type: v.picklist(['WordPiece', 'BPE', 'Unigram']),
    unk_token: v.nullish(v.string()),
    unk_id: v.nullish(v.number()),
    vocab: v.union([v.record(v.string(), v.number()), v.array(v.tuple([v.string(), v.number()]))]),
  }),
  added_tokens: v.array(v.looseObject({ id: v.number(), content: v.string(), special: v.optional(v.boolean()) })),
})

/**
 * The tokenizer a tokenizer.json describes. Splits as the `tokenizers` package does, which its JavaScript port does not
 * everywhere; `place` names the file in messages. Refuses anything it cannot follow (tokenizer/invalid).
 */
export function createTokenizer(jsonText: string, place = 'tokenizer.json'): Tokenizer {
  const file = parse(jsonText, place)
  const library = openLibrary(file, place)
  const largestId = Array.from(library.get_vocab().values()).reduce((largest, id) => Math.max(largest, id), -1)
  return {
    vocabularySize: largestId + 1,
    specialIds: findSpecialIds(file, library),
    encode: (text) => {
      const { ids, tokens } = library.encode(text)
      if (ids.some((id) => !Number.isInteger(id))) {
        throw new AtlasError('tokenizer/invalid', `${place}: text outside the vocabulary, and no unknown token`)
      }
      return { ids, tokens }
    },
    tokenOf: (id) => library.id_to_token(id) ?? null,
  }
}

function parse(jsonText: string, place: string): v.InferOutput<typeof fileSchema> {
  if (jsonText.length > MAX_TOKENIZER_CHARACTERS) {
    throw new AtlasError(
      'format/too-large',
      `${place}: ${jsonText.length} characters, at most ${MAX_TOKENIZER_CHARACTERS} are read`,
      { details: { found: jsonText.length, allowed: MAX_TOKENIZER_CHARACTERS } },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(jsonText)
  } catch (cause) {
    throw new AtlasError('tokenizer/invalid', `${place}: not JSON`, { cause })
  }
  const parsed = v.safeParse(fileSchema, json)
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  throw new AtlasError('tokenizer/invalid', `${place}, ${v.getDotPath(issue) ?? 'root'}: ${issue.message}`)
}

function findSpecialIds(file: v.InferOutput<typeof fileSchema>, library: LibraryTokenizer): ReadonlySet<number> {
  const { unk_token, unk_id } = file.model
  const unknown = unk_token === undefined || unk_token === null ? unk_id : library.token_to_id(unk_token)
  const marked = file.added_tokens.filter(({ special }) => special === true).map(({ id }) => id)
  return new Set([...marked, ...(unknown === undefined || unknown === null ? [] : [unknown])])
}

function openLibrary(file: v.InferOutput<typeof fileSchema>, place: string): LibraryTokenizer {
  const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null }
  const normalizer = restoreReferenceSplitting(file.normalizer ?? null, place)
  const preTokenizer = restoreReferenceSplitting(file.pre_tokenizer ?? null, place)
  try {
    return new LibraryTokenizer({ ...absent, ...file, normalizer, pre_tokenizer: preTokenizer }, {})
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('tokenizer/invalid', `${place}: ${reason}`, { cause })
  }
}
