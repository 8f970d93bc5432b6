import { expect, test } from 'vitest'
import {
  coFiringPmi,
  firesGivenPartner,
  jaccard,
  partnerGivenFires,
} from '../../../core/statistics/coFiringAssociation.ts'

const counts = { n: 2, Fc: 4, Fd: 5, N: 100 }

test('co-firing in its four measures', () => {
  expect(partnerGivenFires(counts)).toBe(0.5) // 2 / 4
  expect(firesGivenPartner(counts)).toBe(0.4) // 2 / 5
  expect(jaccard(counts)).toBeCloseTo(2 / 7, 15) // 2 / (4 + 5 − 2)
  expect(coFiringPmi(counts)).toBeCloseTo(Math.log(10), 15) // ln(2 · 100 / (4 · 5))
})
