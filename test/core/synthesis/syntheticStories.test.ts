import { describe, expect, test } from 'vitest'
import { RandomStream } from '../../../core/synthesis/RandomStream.ts'
import { syntheticStories } from '../../../core/synthesis/syntheticStories.ts'
import { syntheticTokenizerJson } from '../../../core/synthesis/syntheticTokenizerJson.ts'
import { syntheticVocabulary, tokensOf } from '../../../core/synthesis/syntheticVocabulary.ts'
import { createTokenizer } from '../../../core/tokenizer/createTokenizer.ts'

const vocabulary = syntheticVocabulary(1000, 3)
const tokenizer = createTokenizer(syntheticTokenizerJson(vocabulary))
const shape = { storyCount: 600, meanTokens: 80, maxTokens: 128 }
const stories = [...syntheticStories(vocabulary, shape, 3)]
const encoded = stories.map((story) => tokenizer.encode(story))
const UNKNOWN = 0
const END = 1

describe('the vocabulary', () => {
  test('has the size asked for, each token once, and the same for the same seed', () => {
    const tokens = tokensOf(vocabulary)
    expect(new Set(tokens).size).toBe(1000)
    expect(tokenizer.vocabularySize).toBe(1000)
    expect(tokensOf(syntheticVocabulary(1000, 3))).toEqual(tokens)
    expect(tokensOf(syntheticVocabulary(1000, 4))).not.toEqual(tokens)
  })

  test('refuses a size without room for words', () => {
    // 2 special tokens, 4 marks, 52 letters and 40 words.
    expect(() => syntheticVocabulary(97, 0)).toThrow('vocabulary of 97 tokens, expected at least 98')
    expect(tokensOf(syntheticVocabulary(98, 0)).length).toBe(98)
  })

  test('has tokens for whatever is typed in letters', () => {
    expect(tokenizer.encode('Qxyw').tokens).not.toContain('[UNK]')
  })
})

describe('synthetic stories', () => {
  test('are made of known tokens and end with [EOS]', () => {
    expect(encoded.flatMap(({ ids }) => ids)).not.toContain(UNKNOWN)
    expect(encoded.every(({ ids }) => ids.at(-1) === END && ids.indexOf(END) === ids.length - 1)).toBe(true)
  })

  test('have about the mean length asked for, and never more than the context', () => {
    const lengths = encoded.map(({ ids }) => ids.length)
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
    expect(Math.max(...lengths)).toBeLessThanOrEqual(128)
    expect(Math.min(...lengths)).toBeGreaterThan(2)
    // Stories end up to three tokens early, and the longest are cut: 80 becomes 75 to 80.
    expect(mean).toBeGreaterThan(72)
    expect(mean).toBeLessThan(81)
  })

  test('use words by rank, and nearly all of them', () => {
    const counts = new Map<string, number>()
    for (const token of encoded.flatMap(({ tokens }) => tokens)) counts.set(token, (counts.get(token) ?? 0) + 1)
    const count = (rank: number): number => counts.get(vocabulary.words[rank] ?? '') ?? 0
    const [first, tenth, hundredth] = [count(0), count(9), count(99)]
    // By draws alone 1/3.7, 1/12.7 and 1/102.7; followers and topics blur it.
    expect(first).toBeGreaterThan(2 * tenth)
    expect(tenth).toBeGreaterThan(2 * hundredth)
    expect(vocabulary.words.filter((word) => counts.has(word)).length).toBeGreaterThan(0.97 * vocabulary.words.length)
  })

  test('repeat pairs of words more than their frequencies would', () => {
    const ids = encoded.flatMap(({ ids }) => ids)
    const order = new RandomStream(0, 'shuffled').permutation(ids.length)
    const shuffled = [...order].map((place) => ids[place] ?? 0)
    const distinctPairs = (tokens: readonly number[]): number =>
      new Set(tokens.map((id, i) => id * 1000 + (tokens[i + 1] ?? 0))).size
    expect(distinctPairs(ids)).toBeLessThan(0.92 * distinctPairs(shuffled))
  })

  test('are the same for the same seed, and a longer corpus begins with the shorter', () => {
    expect([...syntheticStories(vocabulary, shape, 3)]).toEqual(stories)
    expect([...syntheticStories(vocabulary, { ...shape, storyCount: 20 }, 3)]).toEqual(stories.slice(0, 20))
    expect([...syntheticStories(vocabulary, { ...shape, storyCount: 1 }, 4)]).not.toEqual(stories.slice(0, 1))
  })
})
