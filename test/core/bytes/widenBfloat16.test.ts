import { expect, test } from 'vitest'
import { widenBfloat16 } from '../../../core/bytes/widenBfloat16.ts'

test.each([
  ['one', 0x3f80, 1],
  ['minus 2.5', 0xc020, -2.5],
  // sign 0, exponent 10000000 = 2^1, mantissa 1001001 = 73: 2 * (1 + 73/128)
  ['3.140625', 0x4049, 3.140625],
  // mantissa 1 of 128 at exponent -126
  ['the least subnormal, 2^-133', 0x0001, 2 ** -133],
  ['infinity', 0x7f80, Number.POSITIVE_INFINITY],
  ['minus infinity', 0xff80, Number.NEGATIVE_INFINITY],
  ['NaN', 0x7fc0, Number.NaN],
])('widens %s', (_, bits, value) => {
  expect(widenBfloat16(Uint16Array.of(bits))).toEqual(Float32Array.of(value))
})
