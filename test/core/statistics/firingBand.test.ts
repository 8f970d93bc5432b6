import { expect, test } from 'vitest'
import { firingBand } from '../../../core/statistics/firingBand.ts'

test.each([
  [0, 'dead'],
  [1, 'rare'],
  [100, 'rare'],
  [101, 'frequent'],
])('a subcomponent active at %i positions is %s', (activationCount, expected) => {
  expect(firingBand(activationCount)).toBe(expected)
})
