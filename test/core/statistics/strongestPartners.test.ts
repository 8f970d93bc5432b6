import { expect, test } from 'vitest'
import { strongestPartners } from '../../../core/statistics/strongestPartners.ts'

// Self is 0 with F = 10. n and F of the others:
//   1: 9 of 1000   most n        P(c|d) 0.009   Jaccard 9/1001
//   2: 6 of 6                    P(c|d) 1       Jaccard 6/10
//   3: 7 of 8                    P(c|d) 7/8     Jaccard 7/11, the greatest
//   4: 4 of 4      too few firings for P(c|d)   Jaccard 4/10
//   5: 0 of 50     never together
const counts = [10, 9, 6, 7, 4, 0]
const firings = [10, 1000, 6, 8, 4, 50]

test('the first by each order are taken together', () => {
  expect(strongestPartners(0, { counts, firings }, 1)).toEqual([1, 2, 3])
})

test('itself and those it never fires with are no partners', () => {
  expect(new Set(strongestPartners(0, { counts, firings }, 10))).toEqual(new Set([1, 2, 3, 4]))
})

test('of equals the lower comes first', () => {
  const equal = { counts: [5, 3, 3], firings: [5, 6, 6] }
  expect(strongestPartners(0, equal, 1)).toEqual([1])
})

test('told where n is above 0, it looks nowhere else', () => {
  expect(strongestPartners(0, { counts, firings, places: Uint32Array.of(0, 1, 2, 3, 4) }, 1)).toEqual([1, 2, 3])
  expect(strongestPartners(0, { counts, firings, places: Uint32Array.of(2, 4) }, 1)).toEqual([2])
})
