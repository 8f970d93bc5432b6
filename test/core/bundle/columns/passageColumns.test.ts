import { expect, test } from 'vitest'
import {
  decodePassages,
  encodePassages,
  type Passage,
  unionOfWindows,
} from '../../../../core/bundle/columns/passageColumns.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { damaged, expectCorrupt, firstDifference } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

const PASSAGES: Passage[] = [
  { story: 0, start: 5, ranks: Uint32Array.of(3, 300) },
  { story: 0, start: 90, ranks: Uint32Array.of(0) },
  { story: MOST, start: MOST, ranks: Uint32Array.of(MOST, 1, 1) },
]

test('windows that overlap or touch are one passage, others stay apart', () => {
  const stretches = unionOfWindows([
    { story: 1, start: 4, end: 8 },
    { story: 0, start: 5, end: 7 },
    { story: 1, start: 0, end: 4 },
    { story: 1, start: 1, end: 2 },
    { story: 1, start: 9, end: 10 },
    { story: 2, start: 9, end: 10 },
  ])
  expect(stretches).toEqual([
    { story: 0, start: 5, end: 7 },
    { story: 1, start: 0, end: 8 },
    { story: 1, start: 9, end: 10 },
    { story: 2, start: 9, end: 10 },
  ])
  expect(unionOfWindows([])).toEqual([])
})

test('decoding gives back what was encoded', () => {
  const unknown = PASSAGES.map((passage) => ({ ...passage, story: null }))
  for (const passages of [PASSAGES, PASSAGES.slice(2), unknown, []]) {
    expect(decodePassages(encodePassages(passages))).toEqual(passages)
  }
  expect(encodePassages(unknown).stories).toBeNull()
})

test('keeps 2¹⁶ passages, and one of 2²⁰ tokens', () => {
  const passages = Array.from({ length: 2 ** 16 }, (_, i) => ({ story: i, start: 0, ranks: Uint32Array.of(i) }))
  const decoded = decodePassages(encodePassages(passages))
  expect(decoded).toHaveLength(2 ** 16)
  expect(decoded.at(-1)).toEqual(passages.at(-1))
  const ranks = Uint32Array.from({ length: 2 ** 20 }, (_, i) => i)
  const [long] = decodePassages(encodePassages([{ story: 1, start: 0, ranks }]))
  expect(firstDifference(long?.ranks ?? [], ranks)).toBe(-1)
})

test('refuses every column cut off or too long', () => {
  const columns = encodePassages(PASSAGES)
  for (const name of ['stories', 'starts', 'lengths', 'token_ranks'] as const) {
    const { shorter, longer } = damaged(columns, name)
    expectCorrupt(() => decodePassages(shorter), 'passage: ')
    expectCorrupt(() => decodePassages(longer), 'passage: ')
  }
})

test('refuses lengths that promise more tokens than there are, and a story of 2³² or more', () => {
  const columns = encodePassages(PASSAGES)
  const refuse = (changes: Partial<typeof columns>, message: string) =>
    expectCorrupt(() => decodePassages({ ...columns, ...changes }), `passage: ${message}`)
  refuse({ lengths: encodeVarints([MOST, MOST, MOST]) }, '6 token ranks, expected 12884901885')
  refuse({ lengths: encodeVarints([2, 1, 2]) }, '6 token ranks, expected 5')
  refuse({ lengths: encodeVarints([6]) }, '1 lengths, expected 3')
  refuse({ stories: encodeVarints([MOST, 1, 0]) }, 'story 4294967296, expected less than 2³²')
  refuse({ stories: encodeVarints([0, 1]) }, '2 stories, expected 3')
})
