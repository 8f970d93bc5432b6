import { expect, test } from 'vitest'
import { decodeWeights } from '../../../core/bytes/decodeWeights.ts'

// 1.5 = 0x3fc00000, -2 = 0xc0000000
test('decodes float32 at an odd offset', () => {
  const bytes = Uint8Array.of(9, 0x00, 0x00, 0xc0, 0x3f, 0x00, 0x00, 0x00, 0xc0).subarray(1)
  expect(decodeWeights(bytes, 'float32', 'little')).toEqual(Float32Array.of(1.5, -2))
})

test('decodes big-endian float32 and leaves the given bytes alone', () => {
  const bytes = Uint8Array.of(0x3f, 0xc0, 0x00, 0x00)
  expect(decodeWeights(bytes, 'float32', 'big')).toEqual(Float32Array.of(1.5))
  expect(bytes[0]).toBe(0x3f)
})

test('decodes both byte orders of float16 and bfloat16', () => {
  expect(decodeWeights(Uint8Array.of(0x00, 0xc0), 'float16', 'little')).toEqual(Float32Array.of(-2))
  expect(decodeWeights(Uint8Array.of(0xc0, 0x00), 'float16', 'big')).toEqual(Float32Array.of(-2))
  expect(decodeWeights(Uint8Array.of(0xc0, 0x3f), 'bfloat16', 'little')).toEqual(Float32Array.of(1.5))
  expect(decodeWeights(Uint8Array.of(0x3f, 0xc0), 'bfloat16', 'big')).toEqual(Float32Array.of(1.5))
})

test('refuses half an element', () => {
  expect(() => decodeWeights(new Uint8Array(6), 'float32', 'little')).toThrow('6 bytes of float32')
})

test('decodes a part of a Node Buffer', () => {
  const buffer = Buffer.from([9, 9, 9, 9, 0x00, 0x00, 0xc0, 0x3f, 9, 9, 9, 9])
  expect(decodeWeights(buffer.subarray(4, 8), 'float32', 'little')).toEqual(Float32Array.of(1.5))
})
