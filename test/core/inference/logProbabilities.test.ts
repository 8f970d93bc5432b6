import { describe, expect, test } from 'vitest'
import { klDivergence, logProbabilities } from '../../../core/inference/logProbabilities.ts'
import { topTokens } from '../../../core/inference/topTokens.ts'

describe('logProbabilities', () => {
  test('are logits less the logarithm of the sum of their exponentials, per position', () => {
    // ln 1, ln 1, ln 2 have the sum 4; 0, 0, 0 have the sum 3.
    const logits = Float32Array.of(0, 0, Math.log(2), 0, 0, 0)
    const expected = [1 / 4, 1 / 4, 1 / 2, 1 / 3, 1 / 3, 1 / 3].map(Math.log)
    for (const [i, x] of logProbabilities(logits, 3).entries()) expect(x).toBeCloseTo(expected[i] ?? Number.NaN, 7)
  })

  test('stay finite where exponentials would not', () => {
    const found = logProbabilities(Float32Array.of(1000, -1000), 2)
    expect([...found]).toEqual([0, -2000])
  })
})

describe('klDivergence', () => {
  test('is Σ p ln (p / q) at each position, in nats', () => {
    // p = (1/2, 1/2), q = (1/4, 3/4): 1/2 ln 2 + 1/2 ln 2/3 = 1/2 ln 4/3 = 0.14384. The second position is equal.
    const target = Float32Array.of(0, 0, 1, 2)
    const other = Float32Array.of(0, Math.log(3), 1, 2)
    const [first, second] = klDivergence(target, other, 2)
    expect(first).toBeCloseTo(0.5 * Math.log(4 / 3), 7)
    expect(second).toBe(0)
  })

  test('goes from the target to the other', () => {
    // p = (1/4, 3/4), q = (1/2, 1/2): 1/4 ln 1/2 + 3/4 ln 3/2 = 0.13081.
    const [divergence] = klDivergence(Float32Array.of(0, Math.log(3)), Float32Array.of(0, 0), 2)
    expect(divergence).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 7)
  })

  test('does not depend on what is added to all logits', () => {
    const target = Float32Array.of(0.5, -1, 2)
    const shifted = target.map((logit) => logit + 64)
    expect(klDivergence(target, shifted, 3)[0]).toBeLessThan(1e-12)
  })

  test('refuses logits of another length', () => {
    expect(() => klDivergence(new Float32Array(4), new Float32Array(2), 2)).toThrow('KL of 4 and 2 logits')
  })
})

describe('topTokens', () => {
  test('ranks by probability and, on ties, by the lower id', () => {
    const found = topTokens(Float64Array.of(-2, -1, -3, -1, -0.5), 3)
    expect(found).toEqual([
      { tokenId: 4, logProbability: -0.5 },
      { tokenId: 1, logProbability: -1 },
      { tokenId: 3, logProbability: -1 },
    ])
  })

  test('gives all tokens where there are fewer', () => {
    expect(topTokens(Float64Array.of(-1, 0), 5).map(({ tokenId }) => tokenId)).toEqual([1, 0])
  })
})
