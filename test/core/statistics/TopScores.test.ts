import { expect, test } from 'vitest'
import { TopScores } from '../../../core/statistics/TopScores.ts'

function topOf(capacity: number, scores: readonly number[]): number[] {
  const top = new TopScores(capacity)
  for (const [index, score] of scores.entries()) top.offer(index, score)
  return top.indices
}

test('keeps the greatest, greatest first', () => {
  expect(topOf(3, [2, 9, 4, 7, 1])).toEqual([1, 3, 2])
})

test('keeps of equal scores those offered first', () => {
  expect(topOf(2, [5, 5, 5])).toEqual([0, 1])
  expect(topOf(3, [1, 5, 1, 5, 1])).toEqual([1, 3, 0])
})

test('holds fewer where fewer are offered', () => {
  expect(topOf(3, [])).toEqual([])
  expect(topOf(3, [1])).toEqual([0])
})

test('agrees with sorting', () => {
  const scores = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 211)
  const sorted = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
  expect(topOf(50, scores)).toEqual(sorted.slice(0, 50))
})
