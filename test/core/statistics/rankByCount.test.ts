import { expect, test } from 'vitest'
import { rankByCount } from '../../../core/statistics/rankByCount.ts'

test('ranks by count, the lower index first on ties, and leaves zeros out', () => {
  expect(rankByCount([5, 0, 9, 5, 10, 0])).toEqual([4, 2, 0, 3])
})
