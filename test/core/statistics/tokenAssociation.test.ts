import { expect, test } from 'vitest'
import {
  firesGivenToken,
  firingRarity,
  lift,
  pointwiseMutualInformation,
  tokenGivenFires,
} from '../../../core/statistics/tokenAssociation.ts'

// The token stands at 8 of 100 positions, the subcomponent is active at 20, at 4 of them together.
const firings = { m: 4, T: 8, F: 20, N: 100 }

test('P(fires|token) is m/T', () => {
  expect(firesGivenToken(firings)).toBe(0.5) // 4/8
})

test('P(token|fires) is m/F', () => {
  expect(tokenGivenFires(firings)).toBe(0.2) // 4/20
})

test('lift is P(fires|token) over the firing density', () => {
  expect(lift(firings)).toBe(2.5) // (4/8) / (20/100)
})

test('PMI is the natural logarithm of the lift', () => {
  expect(pointwiseMutualInformation(firings)).toBeCloseTo(0.916290731874155, 14) // ln 2.5
})

test('PMI is negative where the token makes firing less likely', () => {
  expect(pointwiseMutualInformation({ m: 1, T: 10, F: 20, N: 100 })).toBeCloseTo(-Math.LN2, 14) // ln 0.5
})

test('rarity is -ln(F/N)', () => {
  expect(firingRarity({ F: 20, N: 100 })).toBeCloseTo(1.6094379124341, 14) // ln 5
})

test('a token that does not occur, a dead subcomponent and no joint firing give null, not NaN or infinity', () => {
  expect(firesGivenToken({ ...firings, m: 0, T: 0 })).toBeNull()
  expect(tokenGivenFires({ ...firings, m: 0, F: 0 })).toBeNull()
  expect(lift({ m: 0, T: 0, F: 0, N: 100 })).toBeNull()
  expect(pointwiseMutualInformation({ ...firings, m: 0 })).toBeNull()
  expect(firingRarity({ F: 0, N: 100 })).toBeNull()
})
