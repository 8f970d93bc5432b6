import { expect, test } from 'vitest'
import { rarefiedUniqueTokens } from '../../../core/statistics/rarefiedUniqueTokens.ts'

function countsOf(...counts: number[]) {
  return { tokenIds: Uint32Array.from(counts.keys()), counts: Uint32Array.from(counts) }
}

test('is the mean number of tokens among every n of the firings', () => {
  // Of a a b c, pairs: aa 1, ab 2 ×2, ac 2 ×2, bc 2: 11 tokens in 6 pairs.
  expect(rarefiedUniqueTokens(countsOf(2, 1, 1), 2)).toBeCloseTo(11 / 6, 14)
  expect(rarefiedUniqueTokens(countsOf(2, 1, 1), 4)).toBe(3)
  expect(rarefiedUniqueTokens(countsOf(2, 1, 1), 1)).toBeCloseTo(1, 14)
})

test('is the same however few or many firings a token has', () => {
  // 1 − C(999, 100)/C(1000, 100) is 100/1000; the other token is always there.
  expect(rarefiedUniqueTokens(countsOf(999, 1))).toBeCloseTo(1.1, 12)
  // 50 tokens of 20 firings each: 50 (1 − Π (980 − i)/(1000 − i)), the product over 100 factors.
  const absence = Array.from({ length: 100 }, (_, i) => (980 - i) / (1000 - i)).reduce((a, b) => a * b, 1)
  expect(rarefiedUniqueTokens(countsOf(...new Array(50).fill(20)))).toBeCloseTo(50 * (1 - absence), 10)
})

test('fewer than 100 firings have none', () => {
  expect(rarefiedUniqueTokens(countsOf(50, 49))).toBeNull()
  expect(rarefiedUniqueTokens(countsOf(50, 50))).toBe(2)
  expect(rarefiedUniqueTokens(countsOf())).toBeNull()
})
