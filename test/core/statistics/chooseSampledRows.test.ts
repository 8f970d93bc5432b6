import { expect, test } from 'vitest'
import { chooseSampledRows } from '../../../core/statistics/chooseSampledRows.ts'

test('rows come by hash until their squared L0 reaches the budget', () => {
  // By hash: rows 2 (L0 3), 0 (L0 4), 3 (L0 1), 1: 9, 25, 26, 126.
  const choose = (budget: number) => [...chooseSampledRows([20, 90, 10, 30], [4, 10, 3, 1], budget)]
  expect(choose(126)).toEqual([0, 1, 2, 3])
  expect(choose(125)).toEqual([0, 2, 3])
  expect(choose(25)).toEqual([0, 2])
  expect(choose(24)).toEqual([2])
})

test('one row is always taken, and none of none', () => {
  expect([...chooseSampledRows([5, 6], [100, 1], 1)]).toEqual([0])
  expect([...chooseSampledRows([], [], 1)]).toEqual([])
})
