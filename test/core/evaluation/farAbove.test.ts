import { expect, test } from 'vitest'
import { farAbove } from '../../../core/evaluation/farAbove.ts'

test('a value is far above from three interquartile ranges over the upper quartile', () => {
  // Of 0..8 the quartiles are 2 and 6: 6 + 3 · 4.
  expect(farAbove([8, 7, 6, 5, 4, 3, 2, 1, 0])).toBe(18)
  // Of 0..7 they lie at places 1.75 and 5.25: 5.25 + 3 · 3.5; one far value moves neither.
  expect(farAbove([0, 1, 2, 3, 4, 5, 6, 1000])).toBe(15.75)
})

test('fewer than eight values have no quartiles to speak of', () => {
  expect(farAbove([0, 0, 0, 0, 0, 0, 1000])).toBeNull()
})
