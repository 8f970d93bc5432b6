import { expect, it } from 'vitest'
import { majorityCategories } from '../../../core/categories/majorityCategory.ts'
import { categoryIndex, TOKEN_CATEGORIES } from '../../../core/categories/tokenCategories.ts'

const K = TOKEN_CATEGORIES.length

function counts(rows: readonly Readonly<Record<string, number>>[]): Uint32Array {
  const table = new Uint32Array(rows.length * K)
  for (const [id, row] of rows.entries()) {
    for (const [k, category] of TOKEN_CATEGORIES.entries()) table[id * K + k] = row[category] ?? 0
  }
  return table
}

it('takes the category with most occurrences, and the share that agrees', () => {
  // 6 of 8 occurrences are verbs.
  expect(majorityCategories(counts([{ NOUN: 2, VERB: 6 }]), ['run'])).toEqual([
    { category: categoryIndex('VERB'), agreement: 0.75, isPiece: false },
  ])
})

it('takes the first of the list where two are equal', () => {
  expect(majorityCategories(counts([{ VERB: 3, NOUN: 3 }]), ['run'])[0]?.category).toBe(categoryIndex('NOUN'))
})

it('gives a token that never occurs no category', () => {
  expect(majorityCategories(counts([{}]), ['run'])).toEqual([{ category: null, agreement: null, isPiece: false }])
})

it('flags the tokens that go on with a word', () => {
  const wordPieces = majorityCategories(new Uint32Array(3 * K), ['run', '##ing', '##'])
  expect(wordPieces.map(({ isPiece }) => isPiece)).toEqual([false, true, false])
  const byteLevel = majorityCategories(new Uint32Array(5 * K), ['Ġrun', 'ning', 'Ċ', '.', null])
  expect(byteLevel.map(({ isPiece }) => isPiece)).toEqual([false, true, false, false, false])
})

it('refuses counts of another vocabulary', () => {
  expect(() => majorityCategories(new Uint32Array(K), ['a', 'b'])).toThrow(
    'category counts are [vocabulary, categories]',
  )
})
