import { expect, test } from 'vitest'
import { rowNorms } from '../../../core/inference/rowNorms.ts'

test('is the Euclidean norm of each row', () => {
  // (3, 4), (0, 0), (−5, 12)
  expect([...rowNorms(Float32Array.of(3, 4, 0, 0, -5, 12), 3)]).toEqual([5, 0, 13])
})
