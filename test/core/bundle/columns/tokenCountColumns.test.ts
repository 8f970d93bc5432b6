import { expect, test } from 'vitest'
import {
  countsByRank,
  decodeTokenCountColumns,
  encodeTokenCountColumns,
} from '../../../../core/bundle/columns/tokenCountColumns.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { damaged, expectCorrupt, firstDifference } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

const counts = (tokenIds: number[], own: number[]) => ({
  tokenIds: Uint32Array.from(tokenIds),
  counts: Uint32Array.from(own),
})
const BLOCK = {
  subcomponents: Uint32Array.of(3, 4, 900),
  byRank: [counts([0, 7], [256, 1]), counts([], []), counts([2, 3, MOST], [MOST, 255, 2])],
}

test('decoding gives back what was encoded', () => {
  const blocks = [
    BLOCK,
    { subcomponents: new Uint32Array(0), byRank: [] },
    { subcomponents: Uint32Array.of(MOST), byRank: [counts([0], [1])] },
  ]
  for (const block of blocks) expect(decodeTokenCountColumns(encodeTokenCountColumns(block))).toEqual(block)
})

test('keeps 2¹⁶ subcomponents apart', () => {
  const length = 2 ** 16
  const own = counts([5], [300])
  const subcomponents = Uint32Array.from({ length }, (_, i) => i)
  const columns = encodeTokenCountColumns({ subcomponents, byRank: Array.from({ length }, () => own) })
  const decoded = decodeTokenCountColumns(columns)
  expect(firstDifference(decoded.subcomponents, subcomponents)).toBe(-1)
  expect(decoded.byRank).toHaveLength(length)
  expect(decoded.byRank[length - 1]).toEqual(own)
})

test('tokens stand by frequency rank', () => {
  const ranks = Uint32Array.of(2, 0, 1)
  expect(countsByRank(counts([0, 1, 2], [10, 20, 30]), ranks)).toEqual(counts([0, 1, 2], [20, 30, 10]))
})

test('refuses every column cut off or too long', () => {
  const columns = encodeTokenCountColumns(BLOCK)
  for (const name of ['subcomponents', 'lengths', 'token_ranks', 'counts'] as const) {
    const { shorter, longer } = damaged(columns, name)
    expectCorrupt(() => decodeTokenCountColumns(shorter), 'token_counts: ')
    expectCorrupt(() => decodeTokenCountColumns(longer), 'token_counts: ')
  }
})

test('refuses lengths that promise more tokens than there are, and numbers of 2³² and more', () => {
  const columns = encodeTokenCountColumns(BLOCK)
  const refuse = (changes: Partial<typeof columns>, message: string) =>
    expectCorrupt(() => decodeTokenCountColumns({ ...columns, ...changes }), `token_counts: ${message}`)
  refuse({ lengths: encodeVarints([MOST, MOST, MOST]) }, '5 token ranks, expected 12884901885')
  refuse({ subcomponents: encodeVarints([0, 1, MOST]) }, '4294967298, expected less than 2³²')
  refuse({ token_ranks: encodeVarints([MOST, 0, 2, 0, 0]) }, '4294967296, expected less than 2³²')
  refuse({ counts: Uint8Array.of(0, 0, 0, 0, 255, ...encodeVarints([2 ** 32 - 256])) }, '4294967296, expected less')
})
