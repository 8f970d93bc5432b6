import { expect, test } from 'vitest'
import { topCategoryChances } from '../../../core/statistics/topCategoryChances.ts'
import { seededRandom } from '../../../core/storyteller/seededRandom.ts'

/** Three standard errors of 2,000 draws at most. */
const SLACK = 3 * 0.0112

test('one firing is of each category with the chance of its occurrences', () => {
  const chances = topCategoryChances([6, 3, 0, 1], [0, 1, 1, 1], 2, seededRandom(1)).at(1)
  expect(Math.abs((chances[0] ?? 0) - 0.6)).toBeLessThan(SLACK)
  expect((chances[0] ?? 0) + (chances[1] ?? 0)).toBeCloseTo(1, 12)
})

test('of two firings on equal tokens the lower id is most frequent three times in four', () => {
  // Twice the first, or a tie either way round.
  const chances = topCategoryChances([5, 5], [0, 1], 2, seededRandom(2))
  expect(Math.abs((chances.at(2)[0] ?? 0) - 0.75)).toBeLessThan(SLACK)
})

test('of three firings the majority is, at 0.7 in 0.784 of the cases', () => {
  // 0.7³ + 3 · 0.7² · 0.3
  const chances = topCategoryChances([3, 7], [0, 1], 2, seededRandom(3))
  expect(Math.abs((chances.at(3)[1] ?? 0) - 0.784)).toBeLessThan(SLACK)
})

test('of many firings the most frequent token’s category holds all, however many tokens another has', () => {
  const chances = topCategoryChances([12, 11, 11, 11], [0, 1, 1, 1], 2, seededRandom(4))
  expect(chances.at(1)[0]).toBeLessThan(0.4)
  expect(chances.at(1e6)[0]).toBeGreaterThan(0.8)
})

test('a number of firings between two steps is taken at the lower', () => {
  const chances = topCategoryChances([5, 5], [0, 1], 2, seededRandom(5))
  expect(chances.at(5)).toEqual(chances.at(4))
  expect(() => chances.at(0)).toThrow('chances at 0 firings')
})
