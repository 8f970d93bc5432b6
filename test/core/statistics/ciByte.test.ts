import { expect, test } from 'vitest'
import { ciByte, ciOfByte } from '../../../core/statistics/ciByte.ts'

test.each([
  [0.01, 0], // not strictly greater
  [0.011, 4], // 1 + round(2.79)
  [0.5, 128], // 1 + 127
  [1, 255],
  [1.3, 255],
])('causal importance %d is byte %i', (ci, byte) => {
  expect(ciByte(ci, 0.01)).toBe(byte)
})

test('an active position is never byte 0', () => {
  expect(ciByte(1e-6, 0)).toBe(1)
})

test('a byte gives the causal importance back within half a step', () => {
  expect(ciOfByte(0)).toBe(0)
  expect(ciOfByte(255)).toBe(1)
  for (let ci = 0.011; ci < 1; ci += 0.003)
    expect(Math.abs(ciOfByte(ciByte(ci, 0.01)) - ci)).toBeLessThanOrEqual(1 / 508)
})
