import { expect, test } from 'vitest'
import {
  decodeLevel,
  encodeLevel,
  joinLevels,
  type LevelColumns,
  type LevelNumbers,
} from '../../../../core/bundle/columns/levelColumns.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { damaged, expectCorrupt } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

const top = (...entries: [rank: number, count: number][]) => entries.map(([rank, count]) => ({ rank, count }))
const DEAD: LevelNumbers = { activationCount: 0, uniqueTokens: 0, rarefiedUniqueTokens: null, top: [] }
const RUN: LevelNumbers = {
  activationCount: 210,
  uniqueTokens: 2,
  rarefiedUniqueTokens: 2.5,
  top: top([4, 207], [1, 3]),
}
const LOWER: LevelNumbers = {
  activationCount: 420,
  uniqueTokens: 3,
  rarefiedUniqueTokens: 2.25,
  top: top([1, 208], [4, 207], [MOST, 5]),
}
/** Ten tokens and more, as many firings as there can be. */
const MANY: LevelNumbers = {
  activationCount: MOST,
  uniqueTokens: 2 ** 20,
  rarefiedUniqueTokens: 100,
  top: top(...Array.from({ length: 10 }, (_, i): [number, number] => [100 - i, 2 ** 28 - i])),
}

test('decoding gives back what was encoded, below the threshold and above', () => {
  const lower = [LOWER, DEAD, MANY, MANY, LOWER]
  const upper = [RUN, DEAD, MANY, DEAD, DEAD]
  expect(decodeLevel(encodeLevel(lower, upper), upper, 1)).toEqual(lower)
  expect(decodeLevel(encodeLevel(upper, lower), lower, -1)).toEqual(upper)
  expect(decodeLevel(encodeLevel([], []), [], 1)).toEqual([])
  expect(decodeLevel(encodeLevel([RUN], [DEAD]), [DEAD], 1)).toEqual([RUN])
})

test('rarefied unique tokens may rise, fall, begin and end, in steps of 1/256', () => {
  for (const [own, run] of [
    [1, 100],
    [100, 1],
    [2 + 1 / 256, 2],
    [null, 3],
    [3, null],
    [null, null],
    [7, 7],
  ] as const) {
    const [base, level] = [run, own].map((rarefiedUniqueTokens) => ({ ...RUN, rarefiedUniqueTokens }))
    if (base === undefined || level === undefined) throw new Error('two')
    expect(decodeLevel(encodeLevel([level], [base]), [base], 1)).toEqual([level])
  }
})

test('modules are joined one after the other', () => {
  const columns = joinLevels([encodeLevel([LOWER], [RUN]), encodeLevel([], []), encodeLevel([MANY], [DEAD])])
  expect(decodeLevel(columns, [RUN, DEAD], 1)).toEqual([LOWER, MANY])
  expect(decodeLevel(joinLevels([]), [], 1)).toEqual([])
})

test('keeps 2²⁰ subcomponents apart', () => {
  const base = Array.from({ length: 2 ** 20 }, () => DEAD)
  const level = base.with(-1, RUN)
  const decoded = decodeLevel(encodeLevel(level, base), base, 1)
  expect(decoded).toHaveLength(base.length)
  expect(decoded.at(-1)).toEqual(RUN)
  expect(decoded[0]).toEqual(DEAD)
})

test('refuses every column cut off or too long', () => {
  const columns = encodeLevel([LOWER], [RUN])
  for (const name of Object.keys(columns) as (keyof LevelColumns)[]) {
    const { shorter, longer } = damaged(columns, name)
    expectCorrupt(() => decodeLevel(shorter, [RUN], 1), `difference, ${name}: `)
    expectCorrupt(() => decodeLevel(longer, [RUN], 1), `difference, ${name}: `)
  }
})

test('refuses a summary of more or fewer subcomponents', () => {
  const columns = encodeLevel([LOWER], [RUN])
  expectCorrupt(() => decodeLevel(columns, [RUN, RUN], 1), 'difference, unique_tokens: 1 numbers, cut off')
  expectCorrupt(() => decodeLevel(columns, [], 1), 'difference, activation_counts: 1 numbers, expected 0')
})

test('refuses numbers that fall below what they count or reach 2³²', () => {
  const columns = encodeLevel([LOWER], [RUN])
  const refuse = (name: keyof LevelColumns, numbers: number[], finding: string, sign = 1) =>
    expectCorrupt(
      () => decodeLevel({ ...columns, [name]: encodeVarints(numbers) }, [RUN], sign),
      `difference, ${name}: ${finding}`,
    )
  refuse('activation_counts', [MOST], '4294967505, expected 0 or more')
  refuse('activation_counts', [211], '-1, expected 0 or more', -1)
  refuse('unique_tokens', [MOST], '4294967297, expected 0 or more')
  refuse('unique_tokens', [3], '-1, expected 0 or more', -1)
  refuse('top_counts', [205, MOST], '4294967502, expected 1 or more')
  refuse('top_counts', [3, 0], '0, expected 1 or more', -1)
  refuse('other_counts', [MOST], '4294967296, expected 1 or more')
  refuse('rarefied_unique_tokens', [1 + 2 * 256 * 98], '100.5, expected 0 to 100')
  refuse('rarefied_unique_tokens', [2 * 256 * 3], '-0.5, expected 0 to 100')
})

test('refuses a place beyond those left of the list of the summary', () => {
  const columns = encodeLevel([LOWER], [RUN])
  const refuse = (places: number[], finding: string) =>
    expectCorrupt(
      () => decodeLevel({ ...columns, top_places: encodeVarints(places) }, [RUN], 1),
      `difference, top_places: ${finding}`,
    )
  refuse([1, 1, 10], '1, of 1')
  refuse([2, 0, 10], '2, of 2')
  refuse([11, 0, 10], '11, of 2')
  refuse([MOST, 0, 10], '4294967295, of 2')
})
