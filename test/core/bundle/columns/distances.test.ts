import { expect, test } from 'vitest'
import { ascendingOf, distancesOf } from '../../../../core/bundle/columns/distances.ts'
import { expectCorrupt, firstDifference } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

test('numbers are told by what lies between them', () => {
  expect([...distancesOf([0, 1, 5])]).toEqual([0, 0, 3])
  expect([...distancesOf([7])]).toEqual([7])
})

test('decoding gives back what was encoded', () => {
  for (const numbers of [[], [0], [MOST], [0, MOST], [3, 4, MOST - 1, MOST]]) {
    expect([...ascendingOf(distancesOf(numbers), 'x')]).toEqual(numbers)
  }
  const many = Uint32Array.from({ length: 2 ** 20 }, (_, i) => 4095 * i)
  expect(firstDifference(ascendingOf(distancesOf(many), 'x'), many)).toBe(-1)
})

test('numbers that do not ascend are a mistake of ours', () => {
  expect(() => distancesOf([2, 2])).toThrow('2 after 2')
  expect(() => distancesOf([2, 1])).toThrow('1 after 2')
})

test('refuses to reach 2³²', () => {
  expectCorrupt(() => ascendingOf(Uint32Array.of(MOST, 0), 'x'), 'x: 4294967296, expected less than 2³²')
  expectCorrupt(() => ascendingOf(Uint32Array.of(1, MOST), 'x'), 'x: 4294967297')
})
