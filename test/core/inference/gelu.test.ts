import { describe, expect, test } from 'vitest'
import { erf, GREATEST_SLOPE, gelu, geluSlope, LEAST_SLOPE } from '../../../core/inference/gelu.ts'

const grid = Array.from({ length: 40_001 }, (_, i) => -8 + i * 4e-4)
const distribution = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2))

describe('erf', () => {
  // Abramowitz and Stegun, table 7.1.
  test.each([
    [0, 0],
    [0.5, 0.5204998778],
    [1, 0.8427007929],
    [-1, -0.8427007929],
    [2, 0.995322265],
  ])('of %f is %f', (x, expected) => {
    expect(erf(x)).toBeCloseTo(expected, 9)
  })
})

describe('gelu', () => {
  test('is x Φ(x) to 6e-9', () => {
    expect(gelu(1)).toBeCloseTo(0.8413447461, 8)
    const worst = Math.max(...grid.map((x) => Math.abs(gelu(x) - x * distribution(Math.max(-6.5, Math.min(6.5, x))))))
    expect(worst).toBeLessThan(6e-9)
  })

  test('has the slope geluSlope to 1e-6, within its bounds', () => {
    const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
    const slopes = grid.map((x) => distribution(Math.max(-6.5, Math.min(6.5, x))) + x * density(x))
    expect(Math.max(...grid.map((x, i) => Math.abs(geluSlope(x) - (slopes[i] ?? 0))))).toBeLessThan(1e-6)
    expect(LEAST_SLOPE).toBeCloseTo(-0.128904, 6)
    expect(GREATEST_SLOPE).toBeCloseTo(1.128904, 6)
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(LEAST_SLOPE)
    expect(Math.max(...slopes)).toBeLessThanOrEqual(GREATEST_SLOPE)
  })
})
