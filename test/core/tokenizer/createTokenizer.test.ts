import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assertTokenizerFits } from '../../../core/tokenizer/assertTokenizerFits.ts'
import { createTokenizer } from '../../../core/tokenizer/createTokenizer.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const demo = createTokenizer(read('fixtures/tokenizer/tokenizer.json'))

interface Reference {
  readonly by: string
  readonly encodings: readonly { readonly text: string; readonly ids: number[]; readonly tokens: string[] }[]
}
const reference: Reference = JSON.parse(read('fixtures/tokenizer/encodings.json'))

/** The demo tokenizer with one part bent. */
const bent = (change: (file: Record<string, unknown>) => void): string => {
  const file: Record<string, unknown> = JSON.parse(read('fixtures/tokenizer/tokenizer.json'))
  change(file)
  return JSON.stringify(file)
}

describe(`createTokenizer, against ${reference.by}`, () => {
  it.each(reference.encodings.map((e) => [e.text.slice(0, 40), e] as const))('encodes %j', (_, expected) => {
    const { ids, tokens } = demo.encode(expected.text)
    expect(tokens).toEqual(expected.tokens)
    expect(ids).toEqual(expected.ids)
  })

  it.each(
    readdirSync(new URL('../../oracles', import.meta.url)).filter((name) =>
      existsSync(new URL(`../../oracles/${name}/ids.json`, import.meta.url)),
    ),
  )('encodes the sentence of oracle %s', (name) => {
    const { text_of_last, ids }: { text_of_last: string; ids: number[][] } = JSON.parse(
      read(`oracles/${name}/ids.json`),
    )
    expect(createTokenizer(read(`oracles/${name}/tokenizer.json`)).encode(text_of_last).ids).toEqual(ids.at(-1))
  })
})

describe('createTokenizer', () => {
  it('gives an empty story its [EOS] only', () => {
    expect(demo.encode('')).toEqual({ ids: [1], tokens: ['[EOS]'] })
  })

  it('names tokens as the tokenizer writes them, and none outside the vocabulary', () => {
    expect(demo.specialIds).toEqual(new Set([0, 1]))
    expect([0, 1, 4096].map(demo.tokenOf)).toEqual(['[UNK]', '[EOS]', null])
    expect(demo.vocabularySize).toBe(4096)
  })

  it.each([
    ['not JSON', '{', 'tokenizer.json: not JSON'],
    ['no model', '{}', 'tokenizer.json, model: Invalid key: Expected "model" but received undefined'],
    [
      'an unknown model',
      bent((file) => {
        file.model = { type: 'Oracle', vocab: {} }
      }),
      'tokenizer.json, model.type: Invalid type: Expected ("WordPiece" | "BPE" | "Unigram") but received "Oracle"',
    ],
    [
      'an unknown pre-tokenizer',
      bent((file) => {
        file.pre_tokenizer = { type: 'Scissors' }
      }),
      'tokenizer.json: Unknown PreTokenizer type: Scissors',
    ],
    [
      'a sequence without steps',
      bent((file) => {
        file.pre_tokenizer = { type: 'Sequence' }
      }),
      'tokenizer.json: Sequence without pretokenizers',
    ],
    [
      'splitting the library cannot follow',
      bent((file) => {
        file.pre_tokenizer = { type: 'Punctuation', behavior: 'MergedWithNext' }
      }),
      'tokenizer.json: split behavior MergedWithNext, expected Isolated or Removed',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => createTokenizer(text)).toThrow(
      expect.objectContaining({ name: 'AtlasError', code: 'tokenizer/invalid', message }),
    )
  })

  it('refuses text outside the vocabulary where the tokenizer has no unknown token', () => {
    const letters = createTokenizer(
      JSON.stringify({ added_tokens: [], model: { type: 'WordPiece', vocab: { a: 0 }, unk_token: null } }),
      'letters.json',
    )
    expect(letters.encode('a').ids).toEqual([0])
    expect(() => letters.encode('b')).toThrow('letters.json: text outside the vocabulary, and no unknown token')
  })
})

describe('assertTokenizerFits', () => {
  it('accepts an embedding as large as the tokenizer, or larger', () => {
    expect(() => assertTokenizerFits(demo, 4096)).not.toThrow()
    expect(() => assertTokenizerFits(demo, 5000)).not.toThrow()
  })

  it('refuses a smaller one', () => {
    expect(() => assertTokenizerFits(demo, 4095)).toThrow(
      expect.objectContaining({
        code: 'tokenizer/vocabulary',
        message: "tokenizer: ids up to 4095, expected below the target model's vocabulary of 4095",
      }),
    )
  })
})
