import { describe, expect, test } from 'vitest'
import { dequantise, quantise, scaleShape } from '../../../core/graph/quantise.ts'

describe('quantise', () => {
  test('makes the largest number of each slice 127', () => {
    // Columns (254, −127) and (0.5, 1): scales 2 and 1/127.
    const columns = quantise(Float32Array.of(254, 0.5, -127, 1), [2, 2], 'last')
    expect([...columns.scales]).toEqual([2, Math.fround(1 / 127)])
    // −127 / 2 = −63.5 rounds up to −63; 0.5 · 127 = 63.5 to 64.
    expect([...columns.quotients]).toEqual([127, 64, -63, 127])
    const rows = quantise(Float32Array.of(254, 0.5, -127, 1), [2, 2], 'first')
    expect([...rows.scales]).toEqual([2, 1])
    expect([...rows.quotients]).toEqual([127, 0, -127, 1])
  })

  test('leaves a slice of zeros zero', () => {
    const { quotients, scales } = quantise(Float32Array.of(0, 3, 0, -3), [2, 2], 'last')
    expect([...scales]).toEqual([0, Math.fround(3 / 127)])
    expect([...dequantise({ quotients, scales }, [2, 2], 'last')].map((x) => x + 0)).toEqual([
      0,
      Math.fround(127 * Math.fround(3 / 127)),
      0,
      Math.fround(-127 * Math.fround(3 / 127)),
    ])
  })

  test('is off by at most half a scale', () => {
    const numbers = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i * i) * 2 ** (i % 5))
    for (const axis of ['first', 'last'] as const) {
      const shape = [10, 3, 10]
      const quantised = quantise(numbers, shape, axis)
      const back = dequantise(quantised, shape, axis)
      for (const [i, number] of numbers.entries()) {
        const scale = quantised.scales[axis === 'first' ? Math.floor(i / 30) : i % 10] ?? 0
        expect(Math.abs((back[i] ?? Number.NaN) - number)).toBeLessThanOrEqual(0.5 * scale * (1 + 2 ** -20))
      }
    }
  })
})

test('scales broadcast along the axis they belong to', () => {
  expect(scaleShape([4, 5], 'last')).toEqual([1, 5])
  expect(scaleShape([4, 5, 6], 'first')).toEqual([4, 1, 1])
})
