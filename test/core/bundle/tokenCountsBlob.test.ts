import { expect, test } from 'vitest'
import { decodeTokenCounts, encodeTokenCounts } from '../../../core/bundle/tokenCountsBlob.ts'

test('writes the distances between ids, then the counts, each less one', () => {
  const counts = { tokenIds: Uint32Array.of(0, 3, 4), counts: Uint32Array.of(1, 200, 5) }
  // 0 after −1: 0; 3 after 0: 2; 4 after 3: 0. Counts 0, 199 = 1 · 128 + 71, 4.
  expect([...encodeTokenCounts(counts)]).toEqual([0, 2, 0, 0, 128 | 71, 1, 4])
})

test('decoding gives back what was encoded', () => {
  const counts = { tokenIds: Uint32Array.of(5, 6, 4095), counts: Uint32Array.of(1, 70_000, 3) }
  expect(decodeTokenCounts(encodeTokenCounts(counts), 'place')).toEqual(counts)
  const none = { tokenIds: new Uint32Array(0), counts: new Uint32Array(0) }
  expect(decodeTokenCounts(encodeTokenCounts(none), 'place')).toEqual(none)
})

test('refuses more ids than counts', () => {
  expect(() => decodeTokenCounts(Uint8Array.of(1, 2, 3), 'subcomponent 4')).toThrow(
    'subcomponent 4: 3 numbers, expected as many ids as counts',
  )
})
