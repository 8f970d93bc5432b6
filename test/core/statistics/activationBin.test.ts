import { expect, test } from 'vitest'
import { ACTIVATION_BINS, activationBin, activationBinEdges } from '../../../core/statistics/activationBin.ts'

test('half octaves of either sign, ascending', () => {
  // 1 = 2⁰ is half octave 16 of 32 from 2⁻⁸ on.
  expect([1, 1.49, 1.5, 1.99, 2].map(activationBin)).toEqual([48, 48, 49, 49, 50])
  expect([-1, -1.49, -1.5, -1.99, -2].map(activationBin)).toEqual([15, 15, 14, 14, 13])
})

test('both ends are open', () => {
  expect([0, 1e-30, 2 ** -8, 2 ** -8 * 1.5].map(activationBin)).toEqual([32, 32, 32, 33])
  expect([-0, -1e-30, -(2 ** -8) * 1.5].map(activationBin)).toEqual([31, 31, 30])
  expect([191, 192, 256, 1e30].map(activationBin)).toEqual([62, 63, 63, 63])
  expect(activationBin(-1e30)).toBe(0)
})

test('the edges of a bin hold what falls in it', () => {
  expect(activationBinEdges(48)).toEqual({ from: 1, to: 1.5 })
  expect(activationBinEdges(49)).toEqual({ from: 1.5, to: 2 })
  expect(activationBinEdges(15)).toEqual({ from: -1, to: -1.5 })
  expect(activationBinEdges(32)).toEqual({ from: 0, to: 2 ** -8 * 1.5 })
  expect(activationBinEdges(63)).toEqual({ from: 192, to: Number.POSITIVE_INFINITY })
  for (let bin = 0; bin < ACTIVATION_BINS; bin++) {
    const { from, to } = activationBinEdges(bin)
    if (from !== 0) expect(activationBin(from)).toBe(bin)
    if (Number.isFinite(to)) expect(activationBin(to)).toBe(bin + Math.sign(to))
  }
})
