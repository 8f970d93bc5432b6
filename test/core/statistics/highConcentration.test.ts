import { expect, test } from 'vitest'
import { isHighConcentration } from '../../../core/statistics/highConcentration.ts'

test.each([
  [9, 10, false], // exactly 90 %
  [91, 100, true],
  [90, 100, false],
  [1, 1, true],
  [0, 0, false], // dead
  // Exactly 90 %, and one firing more, where a quotient of floats could round across 0.9.
  [4_053_239_664_633, 4_503_599_627_370, false],
  [4_053_239_664_634, 4_503_599_627_370, true],
])('ten tokens with %i of %i firings: %s', (top10Count, activationCount, expected) => {
  expect(isHighConcentration(top10Count, activationCount)).toBe(expected)
})
