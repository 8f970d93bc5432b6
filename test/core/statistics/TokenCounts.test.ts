import { expect, test } from 'vitest'
import { topTokens, totalCount } from '../../../core/statistics/TokenCounts.ts'

const counts = { tokenIds: Uint32Array.of(2, 3, 5, 7, 11), counts: Uint32Array.of(4, 9, 4, 1, 9) }

test('the activation count is the sum', () => {
  expect(totalCount(counts)).toBe(27)
})

test('the most frequent tokens come first, the lower id on ties', () => {
  expect(topTokens(counts, 3)).toEqual([
    { tokenId: 3, count: 9 },
    { tokenId: 11, count: 9 },
    { tokenId: 2, count: 4 }, // not 5, which has as many
  ])
})

test('a limit beyond the tokens gives all of them', () => {
  expect(topTokens(counts, 50).map(({ tokenId }) => tokenId)).toEqual([3, 11, 2, 5, 7])
})
