import { expect, test } from 'vitest'
import { median } from '../../../core/statistics/median.ts'

test.each([
  [[], null],
  [[7], 7],
  [[9, 1], 5],
  [[10, 9, 100], 10], // numerically, not as text
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %s', (values, expected) => {
  expect(median(values)).toBe(expected)
})
