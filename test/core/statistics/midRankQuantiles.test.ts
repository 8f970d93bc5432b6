import { expect, test } from 'vitest'
import { midRankQuantiles } from '../../../core/statistics/midRankQuantiles.ts'

test('a value stands behind those below and half of those equal', () => {
  // 1: half of itself of 4; the 2s: one below, half of two; 5: three below, half of itself.
  expect(midRankQuantiles([2, 5, 1, 2])).toEqual([0.5, 0.875, 0.125, 0.5])
  expect(midRankQuantiles([3])).toEqual([0.5])
  expect(midRankQuantiles([])).toEqual([])
})
