import { describe, expect, test } from 'vitest'
import { InvariantViolation } from '../../../core/errors/invariant.ts'
import { placeCrossing } from '../../../core/synthesis/placeCrossing.ts'
import { RandomStream } from '../../../core/synthesis/RandomStream.ts'

const place = (values: readonly number[], share: number, deviation = 1): number =>
  placeCrossing(Float32Array.from(values), share, deviation)

describe('placeCrossing', () => {
  test('cuts in the middle of the gap that leaves the share above', () => {
    // 0.3 of ten are three: 10, 9, 8.
    expect(place([3, 10, 1, 7, 5, 2, 9, 8, 4, 6], 0.3)).toBe(7.5)
  })

  test('leaves at least one value above, and at least one below', () => {
    expect(place([3, 1, 2], 0)).toBe(2.5)
    expect(place([3, 1, 2], 1)).toBe(1.5)
  })

  test('does not cut between equal values, and takes the nearer of the gaps around them', () => {
    const values = [0, 0, 0, 5, 9, 5, 5, 5]
    // One or five of eight: ln(1/1.6) = −0.47 and ln(5/1.6) = 1.14; ln(1/4) = −1.39 and ln(5/4) = 0.22.
    expect(place(values, 0.2)).toBe(7)
    expect(place(values, 0.5)).toBe(2.5)
  })

  test('takes values closer than a ten-thousandth of the deviation for equal', () => {
    expect(place([0, 1, 1.002, 2], 0.5, 10)).toBeCloseTo(1.001, 6)
    // Two of four lie between 1.002 and 1, now too close: ln(1/2) = −0.69, ln(3/2) = 0.41.
    expect(place([0, 1, 1.002, 2], 0.5, 30)).toBe(0.5)
  })

  test('finds what sorting finds, whatever the order', () => {
    const values = new RandomStream(1, 'sample').normals(20_000, 1)
    const sorted = values.toSorted()
    for (const share of [0.0001, 0.003, 0.1, 0.5, 0.93]) {
      const above = share * values.length
      const middle = ((sorted[values.length - above] ?? 0) + (sorted[values.length - above - 1] ?? 0)) / 2
      const found = placeCrossing(values.slice(), share, 1)
      const foundAbove = values.filter((value) => value > found).length
      // Close pairs move the cut by a few places where values are dense.
      expect(Math.abs(foundAbove - above)).toBeLessThanOrEqual(share > 0.01 ? 10 : 0)
      expect(found).toBeCloseTo(middle, 2)
    }
  })

  test('looks past many equal values', () => {
    // 900 of 1000 are the largest: nothing else than 0.9 can be had.
    expect(place([...Array(900).fill(1), ...Array(100).fill(0)], 0.001)).toBe(0.5)
  })

  test('refuses values that are all alike', () => {
    expect(() => place([2, 2, 2], 0.5)).toThrow(InvariantViolation)
  })
})
