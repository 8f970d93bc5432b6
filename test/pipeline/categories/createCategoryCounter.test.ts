import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TOKEN_CATEGORIES } from '../../../core/categories/tokenCategories.ts'
import { createStoryteller } from '../../../core/storyteller/createStoryteller.ts'
import { createTokenizer } from '../../../core/tokenizer/createTokenizer.ts'
import { createCategoryCounter } from '../../../pipeline/categories/createCategoryCounter.ts'
import { createTagger } from '../../../pipeline/categories/createTagger.ts'
import { readGrammarFolder } from '../../../training/readGrammarFolder.ts'

const tokenizer = createTokenizer(await readFile('training/runs/demo/target/tokenizer.json', 'utf8'))
const tokens = Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.tokenOf(id))
const K = TOKEN_CATEGORIES.length

function countStories(texts: readonly string[]): { counts: Uint32Array; positions: number } {
  const counter = createCategoryCounter(tokens, tokenizer.specialIds)
  const counts = new Uint32Array(tokens.length * counter.categoryCount)
  let positions = 0
  for (const text of texts) {
    const { ids } = tokenizer.encode(text)
    counter.count(text, ids, counts)
    positions += ids.length
  }
  return { counts, positions }
}

describe('the tagger', () => {
  it('tags the words of a sentence in their context', () => {
    const text = 'The old dog can run, but I saw a can on the run.'
    const words = createTagger()(text).map(({ start, end, category }) => [
      text.slice(start, end),
      TOKEN_CATEGORIES[category],
    ])
    expect(words).toEqual([
      ['The', 'DET'],
      ['old', 'ADJ'],
      ['dog', 'NOUN'],
      ['can', 'AUX'],
      ['run', 'VERB'],
      [',', 'PUNCT'],
      ['but', 'CCONJ'],
      ['I', 'PRON'],
      ['saw', 'VERB'],
      ['a', 'DET'],
      ['can', 'NOUN'],
      ['on', 'ADP'],
      ['the', 'DET'],
      ['run', 'NOUN'],
      ['.', 'PUNCT'],
    ])
  })

  it('gives offsets past line ends and runs of spaces', () => {
    const text = '  Tom\n\n  ran.'
    expect(createTagger()(text).map(({ start, end }) => text.slice(start, end))).toEqual(['Tom', 'ran', '.'])
  })
})

describe('category counts', () => {
  it('count each position once, in the category of its word', () => {
    const { counts, positions } = countStories(['The dog ran. The dog sat.'])
    const row = (token: string): Record<string, number> =>
      Object.fromEntries(
        TOKEN_CATEGORIES.map((category, k) => [category, counts[tokens.indexOf(token) * K + k] ?? 0] as const).filter(
          ([, count]) => count > 0,
        ),
      )
    expect(row('the')).toEqual({ DET: 2 })
    expect(row('dog')).toEqual({ NOUN: 2 })
    expect(row('.')).toEqual({ PUNCT: 2 })
    expect(row('[EOS]')).toEqual({ special: 1 })
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(positions)
  })

  it('do not depend on counters made before', () => {
    const texts = ['Blorp :D ran to Zanthia.', 'a :d and blorp, zanthia!']
    const alone = countStories(texts).counts
    countStories(texts.toReversed())
    expect(countStories(texts).counts).toEqual(alone)
  })

  it('find every token of the demo corpus in its story', async () => {
    const storyteller = createStoryteller(await readGrammarFolder('training/grammar'), 9001)
    const { counts, positions } = countStories(Array.from({ length: 60 }, (_, i) => storyteller.story(i).text))
    expect(positions).toBeGreaterThan(10_000)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(positions)
  })
})

it('makes one tagger after another, each like the first', () => {
  const text = 'Mia told a florgle to the old turtle.'
  const first = createTagger()(text)
  for (let i = 0; i < 24; i++) expect(createTagger()(text)).toEqual(first)
})
