import { expect, test } from 'vitest'
import { moduleShares } from '../../../core/statistics/moduleShares.ts'

test('bands are of all subcomponents, classes and bimodality of the active', () => {
  const { bands, classes, medianUniqueTokens, bimodality, meanL0 } = moduleShares(
    [0, 1, 5, 6, 100, 101, 0, 0],
    [0, 1, 100, 101, 100, 200, 0, 0],
    1004,
  )
  expect(bands).toEqual({ dead: 3 / 8, rare: 3 / 8, frequent: 2 / 8 })
  expect(classes).toEqual({
    truly_monosemantic: 0.2,
    highly_specialised: 0.2,
    specialised: 0.2,
    moderate: 0.2,
    polysemantic: 0.2,
  })
  expect(medianUniqueTokens).toBe(6)
  // 1, 5 and 101 of five.
  expect(bimodality).toBe(0.6)
  expect(meanL0).toBe(0.5)
})

test('without activation counts what they tell is not known', () => {
  const { bands, meanL0, bimodality } = moduleShares([0, 3], null, 10)
  expect([bands, meanL0, bimodality]).toEqual([{ dead: 0.5, rare: null, frequent: null }, null, 1])
})

test('a dead module has no classes', () => {
  const { classes, medianUniqueTokens, bimodality } = moduleShares([0, 0], [0, 0], 10)
  expect([classes.moderate, medianUniqueTokens, bimodality]).toEqual([null, null, null])
})
