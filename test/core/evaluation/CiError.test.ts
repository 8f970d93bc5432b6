import { expect, test } from 'vitest'
import { addCiError, createCiErrorSums, summariseCiError } from '../../../core/evaluation/CiError.ts'
import { sparseOf } from '../../../core/inference/sparseOf.ts'

const rows = (C: number, ...numbers: readonly number[]) => sparseOf(Float32Array.from(numbers), numbers.length / C, C)

test('the error is over all pairs, and flips over those where either is active', () => {
  const sums = createCiErrorSums()
  // Two positions of four subcomponents; at threshold 0.25 six decisions stand and, of five that say yes somewhere, two differ.
  addCiError(sums, {
    found: rows(4, 0.5, 0, 0.25, 1, 0, 0.5, 0, 0.375),
    reference: rows(4, 0.5, 0, 0.5, 1, 0, 0, 0.125, 0.5),
    C: 4,
    kept: null,
    threshold: 0.25,
  })
  // |errors|: 0, 0, 0.25, 0 · 0, 0.5, 0.125, 0.125; 0.25 is not above 0.25.
  expect(summariseCiError(sums)).toEqual({ max: 0.5, mean: 1 / 8, flip_share: 2 / 5, dropped_firings: 0 })
})

test('a dropped subcomponent counts as 0, and its firings in the reference are told', () => {
  const sums = createCiErrorSums()
  // Columns 0 and 1 are subcomponents 1 and 3; 0 and 2 are left out. Subcomponent 0 fires at both positions, 2 is below.
  addCiError(sums, {
    found: rows(2, 0.5, 0, 0, 1),
    reference: rows(4, 0.75, 0.5, 0, 0, 1, 0, 0.125, 1),
    C: 4,
    kept: Uint32Array.of(1, 3),
    threshold: 0.25,
  })
  // Errors 0.75, 1 and 0.125 of eight pairs; active somewhere: 0 twice (flipped), 1 and 3 once.
  expect(summariseCiError(sums)).toEqual({ max: 1, mean: 1.875 / 8, flip_share: 2 / 4, dropped_firings: 2 })
})

test('modules add up by their pairs', () => {
  const sums = createCiErrorSums()
  const add = (C: number, found: number[], reference: number[]) =>
    addCiError(sums, { found: rows(C, ...found), reference: rows(C, ...reference), C, kept: null, threshold: 0 })
  add(1, [0], [0.5])
  add(3, [0, 0, 0], [0, 0, 0])
  expect(summariseCiError(sums).mean).toBe(0.5 / 4)
})

test('no decision flips where none is positive', () => {
  const sums = createCiErrorSums()
  addCiError(sums, { found: rows(2, 0, 0), reference: rows(2, 0, 0), C: 2, kept: null, threshold: 0.01 })
  expect(summariseCiError(sums).flip_share).toBe(0)
})
