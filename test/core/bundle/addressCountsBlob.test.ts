import { expect, test } from 'vitest'
import { decodeAddressCounts, encodeAddressCounts } from '../../../core/bundle/addressCountsBlob.ts'

const ENTRIES = [
  { moduleId: 0, subcomponent: 3, count: 1 },
  { moduleId: 0, subcomponent: 4, count: 300 },
  { moduleId: 2, subcomponent: 0, count: 2 },
]

test('addresses and counts come back by address, in whichever order they were given', () => {
  expect(decodeAddressCounts(encodeAddressCounts(ENTRIES.toReversed()), 'here')).toEqual(ENTRIES)
  expect(decodeAddressCounts(encodeAddressCounts([]), 'here')).toEqual([])
})

test('the bytes are module, how many, distances and counts', () => {
  // Module 0: two, 3 − −1 − 1, 4 − 3 − 1, 1 − 1, 300 − 1 = 299 = 0xAB 0x02; module 2: one, 0, 2 − 1.
  expect([...encodeAddressCounts(ENTRIES)]).toEqual([0, 2, 3, 0, 0, 0xab, 0x02, 2, 1, 0, 1])
})

test('what is cut off or empty is refused', () => {
  expect(() => decodeAddressCounts(Uint8Array.of(0, 2, 3, 0, 0), 'here')).toThrow('here: cut off')
  expect(() => decodeAddressCounts(Uint8Array.of(0, 0), 'here')).toThrow('here: cut off')
})
