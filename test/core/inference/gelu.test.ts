import { describe, expect, test } from 'vitest'
import {
  erf,
  GELU_ERROR,
  GELU_SLOPE_ERROR,
  GREATEST_SLOPE,
  gelu,
  geluSlope,
  LEAST_SLOPE,
  MOST_FOURTH_DERIVATIVE,
} from '../../../core/inference/gelu.ts'

const grid = Array.from({ length: 40_001 }, (_, i) => -8.4 + i * 4.2e-4)
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
  test('is x Φ(x) to GELU_ERROR', () => {
    expect(gelu(1)).toBeCloseTo(0.8413447461, 8)
    const worst = Math.max(...grid.map((x) => Math.abs(gelu(x) - x * distribution(x))))
    expect(worst).toBeLessThan(GELU_ERROR)
  })

  test('has the slope geluSlope to GELU_SLOPE_ERROR, within its bounds', () => {
    const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
    const slopes = grid.map((x) => distribution(x) + x * density(x))
    expect(Math.max(...grid.map((x, i) => Math.abs(geluSlope(x) - (slopes[i] ?? 0))))).toBeLessThan(GELU_SLOPE_ERROR)
    expect(LEAST_SLOPE).toBeCloseTo(-0.128904, 6)
    expect(GREATEST_SLOPE).toBeCloseTo(1.128904, 6)
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(LEAST_SLOPE)
    expect(Math.max(...slopes)).toBeLessThanOrEqual(GREATEST_SLOPE)
  })

  test('has a fourth derivative of at most MOST_FOURTH_DERIVATIVE', () => {
    // By differences of five values 0.02 apart, which are off by about 0.02² / 6 of the sixth derivative, 18 φ(0) at most.
    const step = 0.02
    const exact = (x: number): number => x * distribution(x)
    const fourth = (x: number): number => {
      const sides = exact(x - 2 * step) - 4 * exact(x - step) - 4 * exact(x + step) + exact(x + 2 * step)
      return (sides + 6 * exact(x)) / step ** 4
    }
    const most = Math.max(...grid.map((x) => Math.abs(fourth(x))))
    expect(MOST_FOURTH_DERIVATIVE).toBeCloseTo(1.595769, 6)
    expect(Math.abs(most - MOST_FOURTH_DERIVATIVE)).toBeLessThan(1e-3)
  })

  test('passes NaN on', () => {
    expect([gelu(Number.NaN), geluSlope(Number.NaN)]).toEqual([Number.NaN, Number.NaN])
  })
})
