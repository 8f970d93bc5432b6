import { expect, test } from 'vitest'
import { outputProbabilities } from '../../../core/inference/outputProbabilities.ts'

test('keeps what is at least 2⁻¹², in whole multiples of 2⁻²⁴', () => {
  // e^0 : e^ln3 : e^−20 is 1/4 : 3/4 : 5e-10, the last left out; then 1 : 1 : 1 in thirds.
  const logits = Float32Array.of(0, Math.log(3), -20, 7, 7, 7)
  const { starts, tokenIds, probabilities } = outputProbabilities(logits, 2, 3)
  expect([...starts]).toEqual([0, 2, 5])
  expect([...tokenIds]).toEqual([0, 1, 0, 1, 2])
  const third = Math.round(2 ** 24 / 3)
  // ln 3 is rounded to float32, which moves its share by 1e-8.
  expect([...probabilities]).toEqual([2 ** 22, 3 * 2 ** 22, third, third, third])
})

test('logits that are no numbers are refused', () => {
  expect(() => outputProbabilities(Float32Array.of(1, Number.NaN), 1, 2)).toThrow('logits: not finite at sampled row 0')
  expect(() => outputProbabilities(Float32Array.of(1, Number.POSITIVE_INFINITY), 1, 2)).toThrow('not finite')
})
