import { expect, test } from 'vitest'
import { roundToFloat16 } from '../../../core/bytes/roundToFloat16.ts'
import { widenFloat16 } from '../../../core/bytes/widenFloat16.ts'

test.each([
  ['zero', 0, 0x0000],
  ['minus zero', -0, 0x8000],
  ['minus two', -2, 0xc000],
  ['a third, down', 1 / 3, 0x3555],
  // The unit at 1 is 2^-10; 1 + 2^-11 lies between 0x3c00 (even) and 0x3c01.
  ['a tie down to even', 1 + 2 ** -11, 0x3c00],
  ['a tie up to even', 1 + 3 * 2 ** -11, 0x3c02],
  ['just above a tie', 1 + 2 ** -11 + 2 ** -23, 0x3c01],
  ['a carry into the exponent', 2 - 2 ** -23, 0x4000],
  ['the greatest, 65504', 65504, 0x7bff],
  ['65519 down to 65504', 65519, 0x7bff],
  ['65520 up to infinity', 65520, 0x7c00],
  ['-1e30 to minus infinity', -1e30, 0xfc00],
  ['infinity', Number.POSITIVE_INFINITY, 0x7c00],
  ['NaN', Number.NaN, 0x7e00],
  ['the least normal', 2 ** -14, 0x0400],
  ['just below the least normal, up to it', 2 ** -14 - 2 ** -26, 0x0400],
  ['a subnormal, 3 * 2^-24', 3 * 2 ** -24, 0x0003],
  // 2.5 units lie between 2 (even) and 3; 3.5 between 3 and 4 (even).
  ['a subnormal tie down to even', 2.5 * 2 ** -24, 0x0002],
  ['a subnormal tie up to even', 3.5 * 2 ** -24, 0x0004],
  ['half the least subnormal to zero', 2 ** -25, 0x0000],
  ['just above half the least subnormal up', -(2 ** -25 + 2 ** -48), 0x8001],
  ['the least float32 to zero', 2 ** -149, 0x0000],
])('rounds %s', (_, value, bits) => {
  expect(roundToFloat16(Float32Array.of(value))[0]).toBe(bits)
})

test('gives back every float16 but NaN, whose bits are 0x7e00 with its sign', () => {
  const all = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits)
  const isNaNBits = (bits: number): boolean => (bits & 0x7fff) > 0x7c00
  const expected = all.map((bits) => (isNaNBits(bits) ? 0x7e00 : bits))
  const rounded = roundToFloat16(widenFloat16(all)).map((bits) => (isNaNBits(bits) ? bits & 0x7fff : bits))
  expect(rounded).toEqual(expected)
})
