import { describe, expect, it } from 'vitest'
import { decodeByteNumbers, encodeByteNumbers } from '../../../core/bundle/columns/byteNumbers.ts'
import { decodeExamples, encodeExamples } from '../../../core/bundle/columns/exampleColumns.ts'
import { decodeLevel, encodeLevel } from '../../../core/bundle/columns/levelColumns.ts'
import { decodePassages, encodePassages, unionOfWindows } from '../../../core/bundle/columns/passageColumns.ts'
import { decodeReals, encodeReals, REAL_ERROR, roundReal } from '../../../core/bundle/columns/roundedReals.ts'
import { decodeTokens, encodeTokens } from '../../../core/bundle/columns/tokenColumns.ts'

describe('columns of an index', () => {
  it('keeps reals to twelve significant bits, 0, 1 and null exactly', () => {
    const values = [0, 1, -1, 0.5, Math.PI, -1e-20, 3.4e38, 0.010001, null]
    const decoded = decodeReals(encodeReals(values), 'x')
    for (const [i, value] of values.entries()) {
      if (value === null) expect(decoded[i]).toBeNull()
      else expect(Math.abs((decoded[i] ?? 9e99) - value)).toBeLessThanOrEqual(2 * REAL_ERROR * Math.abs(value))
    }
    expect(roundReal(1)).toBe(1)
    expect(() => decodeReals(new Uint8Array(4), 'x')).toThrow('three a number')
    expect(() => decodeReals(Uint8Array.of(0x7f, 0x80, 0), 'x')).toThrow('infinite')
  })

  it('keeps byte numbers, and refuses what is cut off or left', () => {
    const values = [0, 254, 255, 256, 2 ** 32 - 1]
    expect([...decodeByteNumbers(encodeByteNumbers(values), 5, 'x')]).toEqual(values)
    expect(() => decodeByteNumbers(Uint8Array.of(1), 2, 'x')).toThrow('1 bytes, expected 2')
    expect(() => decodeByteNumbers(Uint8Array.of(1, 7), 1, 'x')).toThrow('numbers above 254')
  })

  it('merges windows that touch, and keeps passages', () => {
    const stretches = unionOfWindows([
      { story: 1, start: 4, end: 8 },
      { story: 0, start: 5, end: 7 },
      { story: 1, start: 0, end: 4 },
    ])
    expect(stretches).toEqual([
      { story: 0, start: 5, end: 7 },
      { story: 1, start: 0, end: 8 },
    ])
    const passages = stretches.map(({ story, start }) => ({ story, start, ranks: Uint32Array.of(3, 300) }))
    expect(decodePassages(encodePassages(passages))).toEqual(passages)
  })

  it('writes an example of both lists once, and refuses a place beyond its passage', () => {
    const example = (offset: number) => ({
      passage: 0,
      offset,
      causalImportance: 1,
      innerActivation: 2,
      windowCi: Uint8Array.of(...[0, 9, 255].map((byte, i) => (i === 1 ? 255 : byte))),
      center: 1,
    })
    const lists = [{ sampled: [example(1), example(2)], strongest: [example(3), example(2)] }]
    const columns = encodeExamples(lists, 1)
    expect(columns.passages).toHaveLength(3)
    expect(decodeExamples(columns, 1, [5])).toEqual(lists)
    expect(() => decodeExamples(columns, 1, [2])).toThrow('of a window of 2')
  })

  it('tells a level by its differences', () => {
    const run = [
      {
        activationCount: 10,
        uniqueTokens: 2,
        rarefiedUniqueTokens: 2.5,
        top: [
          { rank: 4, count: 7 },
          { rank: 1, count: 3 },
        ],
      },
    ]
    const lower = [
      {
        activationCount: 14,
        uniqueTokens: 3,
        rarefiedUniqueTokens: 2.25,
        top: [
          { rank: 1, count: 7 },
          { rank: 4, count: 7 },
          { rank: 9, count: 1 },
        ],
      },
    ]
    expect(decodeLevel(encodeLevel(lower, run), run, 1)).toEqual(lower)
    expect(() => decodeLevel(encodeLevel(lower, run), [...run, ...run], 1)).toThrow('cut off')
  })

  it('keeps what tokens activate', () => {
    const tokens = [[{ active: [3, 2], ranks: Uint32Array.of(0, 5), counts: Uint32Array.of(1, 300) }]]
    const block = { levelCount: 2, runLevel: 1, tokenIds: Uint32Array.of(7), tokens }
    expect(decodeTokens(encodeTokens(block))).toEqual(block)
  })
})
