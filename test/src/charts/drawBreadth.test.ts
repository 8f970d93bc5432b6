import { expect, test } from 'vitest'
import { type BreadthPoint, chooseLabels } from '../../../src/charts/drawBreadth.ts'
import { decades } from '../../../src/charts/drawMedians.ts'

const point = (subcomponent: number, activationCount: number, uniqueTokens: number): BreadthPoint => ({
  ...{ subcomponent, activationCount, uniqueTokens, class: 'moderate', gist: '' },
})
const plot = { width: 1000, marginRight: 160, xMax: 1e6, yMax: 4000 }

test('a subcomponent that stands alone is named, neighbours are not, nor those of one token', () => {
  const points = [point(1, 1000, 50), point(2, 1010, 50), point(3, 500_000, 3000), point(4, 10, 1)]
  expect(chooseLabels(points, plot).map(({ subcomponent }) => subcomponent)).toEqual([3])
})

test('at most eight are named', () => {
  const points = Array.from({ length: 12 }, (_, i) => point(i, 10 ** (0.5 * i + 0.1), 2 + i))
  expect(chooseLabels(points, { ...plot, width: 3000 })).toHaveLength(8)
})

test.each([
  [1, [1, 10]],
  [10, [1, 10]],
  [11, [1, 10, 100]],
  [1838, [1, 10, 100, 1000, 10_000]],
])('decades up to %d are %j', (largest, ticks) => {
  expect(decades(largest)).toEqual(ticks)
})
