import { describe, expect, test } from 'vitest'
import { columnOfKept, encodeKept, readKept } from '../../../core/bundle/keptSubcomponents.ts'

describe('the kept subcomponents of a module', () => {
  test('are the bits of base64 bytes, lowest first', () => {
    // 1, 3 and 8 of 10: bytes 0b00001010 and 0b00000001, base64 "CgE=".
    expect(encodeKept([1, 3, 8], 10)).toEqual({ count: 3, bits: 'CgE=' })
    const kept = readKept({ path: 'm', c: 10, kept: { count: 3, bits: 'CgE=' } })
    expect(kept.count).toBe(3)
    expect([...kept.subcomponents]).toEqual([1, 3, 8])
    expect([0, 1, 3, 8, 9, 10].map((c) => kept.columnOf(c))).toEqual([null, 0, 1, 2, null, null])
  })

  test('are all where nothing is said', () => {
    expect(encodeKept([0, 1, 2], 3)).toBeNull()
    const kept = readKept({ path: 'm', c: 3, kept: null })
    expect([...kept.subcomponents]).toEqual([0, 1, 2])
    expect([-1, 0, 2, 3, 0.5].map((c) => kept.columnOf(c))).toEqual([null, 0, 2, null, null])
  })

  test('may be none', () => {
    const kept = readKept({ path: 'm', c: 9, kept: encodeKept([], 9) })
    expect([kept.count, kept.columnOf(0)]).toEqual([0, null])
  })

  test('come back from any number of subcomponents', () => {
    for (const C of [1, 7, 8, 9, 64, 1000]) {
      const chosen = Array.from({ length: C }, (_, c) => c).filter((c) => (c * 7 + 3) % 5 < 2)
      expect([...readKept({ path: 'm', c: C, kept: encodeKept(chosen, C) }).subcomponents]).toEqual(chosen)
    }
  })

  test.each([
    [{ count: 2, bits: 'CgE=' }, 'm: kept has 3 of 16 bits, expected 2 of 10'],
    [{ count: 2, bits: 'Cg==' }, 'm: kept has 2 of 8 bits, expected 2 of 10'],
    // Bit 10, of a subcomponent there is none.
    [{ count: 1, bits: 'AAQ=' }, 'm: kept has 1 of 16 bits, expected 1 of 10'],
    [{ count: 1, bits: '%' }, 'm: kept is not base64'],
  ])('refuse bits that do not fit', (kept, message) => {
    expect(() => readKept({ path: 'm', c: 10, kept })).toThrow(message)
  })

  test('name a subcomponent that is left out', () => {
    const kept = readKept({ path: 'm', c: 10, kept: encodeKept([1], 10) })
    expect(columnOfKept(kept, 'm', 1)).toBe(0)
    expect(() => columnOfKept(kept, 'm', 2)).toThrow(
      "m:2: not in this bundle's graphs, which leave out subcomponents that never fired",
    )
  })
})
