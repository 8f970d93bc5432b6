import { expect, test } from 'vitest'
import { widenFloat16 } from '../../../core/bytes/widenFloat16.ts'

test.each([
  ['zero', 0x0000, 0],
  ['one', 0x3c00, 1],
  ['minus two', 0xc000, -2],
  // exponent 01101 = 13, 2^(13-15) = 0.25; mantissa 0101010101 = 341: 0.25 * (1 + 341/1024)
  ['0.333251953125', 0x3555, 0.333251953125],
  ['the greatest, 65504', 0x7bff, 65504],
  ['the least normal, 2^-14', 0x0400, 2 ** -14],
  ['the greatest subnormal, 1023 * 2^-24', 0x03ff, 1023 * 2 ** -24],
  ['the least subnormal, 2^-24', 0x0001, 2 ** -24],
  ['a negative subnormal', 0x8003, -3 * 2 ** -24],
  ['infinity', 0x7c00, Number.POSITIVE_INFINITY],
  ['minus infinity', 0xfc00, Number.NEGATIVE_INFINITY],
  ['NaN', 0x7e00, Number.NaN],
])('widens %s', (_, bits, value) => {
  expect(widenFloat16(Uint16Array.of(bits))).toEqual(Float32Array.of(value))
})

test('keeps the sign of minus zero', () => {
  expect(Object.is(widenFloat16(Uint16Array.of(0x8000))[0], -0)).toBe(true)
})
