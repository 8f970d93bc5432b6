import { expect, test } from 'vitest'
import { jackknifeError } from '../../../core/statistics/jackknife.ts'

test('the standard error is √((B − 1)/B · Σ (θ − mean)²)', () => {
  // Mean 2, squares 1 + 0 + 1, times 2/3.
  expect(jackknifeError([1, 2, 3])).toBeCloseTo(Math.sqrt(4 / 3), 14)
  expect(jackknifeError([5, 5, 5, 5])).toBe(0)
})

test('of a mean of equal blocks it is the standard error of the mean', () => {
  // Blocks 2, 4, 9 leave out: means 6.5, 5.5, 3; s²/3 of the blocks is 13/3.
  expect(jackknifeError([6.5, 5.5, 3])).toBeCloseTo(Math.sqrt(13 / 3), 14)
})

test('a value that is not known leaves the error unknown', () => {
  expect(jackknifeError([1, null, 2])).toBeNull()
  expect(jackknifeError([])).toBeNull()
})
