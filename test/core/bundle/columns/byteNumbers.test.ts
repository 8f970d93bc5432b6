import { expect, test } from 'vitest'
import {
  decodeByteNumbers,
  decodeCounts,
  encodeByteNumbers,
  encodeCounts,
} from '../../../../core/bundle/columns/byteNumbers.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { expectCorrupt, firstDifference } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

test('a number is a byte, or 255 and what is above it at the end', () => {
  expect([...encodeByteNumbers([254, 255, 0, 256])]).toEqual([254, 255, 0, 255, 0, 1])
})

test('decoding gives back what was encoded', () => {
  for (const values of [[], [0], [MOST], [0, 254, 255, 256, MOST, 3]]) {
    expect([...decodeByteNumbers(encodeByteNumbers(values), values.length, 'x')]).toEqual(values)
  }
  const many = Uint32Array.from({ length: 2 ** 20 }, (_, i) => (i * 2654435761) >>> 0)
  expect(firstDifference(decodeByteNumbers(encodeByteNumbers(many), many.length, 'x'), many)).toBe(-1)
})

test('counts begin at 1 and reach 2³² − 1', () => {
  const counts = Uint32Array.of(1, 255, 256, MOST)
  expect([...encodeCounts(counts)].slice(0, 2)).toEqual([0, 254])
  expect(decodeCounts(encodeCounts(counts), 4, 'x')).toEqual(counts)
})

test('refuses what is cut off, too long or promised by nothing', () => {
  expectCorrupt(() => decodeByteNumbers(Uint8Array.of(1), 2, 'x'), 'x: 1 bytes, expected 2')
  expectCorrupt(() => decodeByteNumbers(Uint8Array.of(1), MOST, 'x'), 'x: 1 bytes')
  expectCorrupt(() => decodeByteNumbers(Uint8Array.of(1, 7), 1, 'x'), 'x: 1 numbers above 254, expected 0')
  expectCorrupt(() => decodeByteNumbers(Uint8Array.of(255), 1, 'x'), 'x: 0 numbers above 254, expected 1')
  expectCorrupt(() => decodeByteNumbers(Uint8Array.of(255, 128), 1, 'x'), 'x: number 0 is cut off')
})

test('refuses 2³² and more', () => {
  const above = (rest: number) => Uint8Array.of(255, ...encodeVarints([rest]))
  expectCorrupt(() => decodeByteNumbers(above(2 ** 32 - 255), 1, 'x'), 'x: 4294967296, expected less than 2³²')
  expectCorrupt(() => decodeByteNumbers(above(MOST), 1, 'x'), 'x: 4294967550')
  expectCorrupt(() => decodeCounts(above(2 ** 32 - 256), 1, 'x'), 'x: 4294967296, expected less than 2³²')
})
