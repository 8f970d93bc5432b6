import { expect, test } from 'vitest'
import { wilsonInterval } from '../../../core/statistics/wilsonInterval.ts'

test('is the score interval', () => {
  // p = 0.5, n = 10, z² = 3.841459: centre (0.5 + 3.841459/20)/(1.3841459) = 0.5,
  // half = 1.959964 · √(0.25/10 + 3.841459/400) / 1.3841459 = 1.959964 · 0.1860268 / 1.3841459 = 0.2634050
  const { low, high } = wilsonInterval(5, 10)
  expect(low).toBeCloseTo(0.236593, 6)
  expect(high).toBeCloseTo(0.763407, 6)
})

test('reaches 0 and 1 only at the ends', () => {
  // 0 of 10: high = (z²/10)/(1 + z²/10) = 0.3841459/1.3841459 = 0.277533
  expect(wilsonInterval(0, 10).low).toBe(0)
  expect(wilsonInterval(0, 10).high).toBeCloseTo(0.277533, 6)
  expect(wilsonInterval(10, 10).high).toBe(1)
  expect(wilsonInterval(10, 10).low).toBeCloseTo(0.722467, 6)
})

test('says nothing without trials', () => {
  expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
})
