import { expect, test } from 'vitest'
import { composeBatches } from '../../../core/inference/composeBatches.ts'

test('takes stories longest first, the lower index on ties, as many as fit', () => {
  // 3 × 10 = 30 rows fit, 4 × 10 do not; then 9 + 9 in 2 × 9.
  expect(composeBatches([9, 10, 10, 9, 10], 30)).toEqual([
    [1, 2, 4],
    [0, 3],
  ])
})

test('pads an eighth at most', () => {
  // 8 + 6 in 2 × 8 rows is 2 of 16 padding, an eighth; 8 + 5 would be more.
  expect(composeBatches([8, 6], 100)).toEqual([[0, 1]])
  expect(composeBatches([8, 5], 100)).toEqual([[0], [1]])
})

test('a story longer than a batch is a batch of its own', () => {
  expect(composeBatches([3, 50, 3], 10)).toEqual([[1], [0, 2]])
})

test('every story is in one batch', () => {
  const lengths = Array.from({ length: 200 }, (_, i) => 1 + ((i * 37) % 90))
  const batches = composeBatches(lengths, 256)
  expect(batches.flat().toSorted((a, b) => a - b)).toEqual(lengths.map((_, i) => i))
  for (const batch of batches)
    expect(batch.length * Math.max(...batch.map((i) => lengths[i] ?? 0))).toBeLessThanOrEqual(256)
})
