import { expect, test } from 'vitest'
import { decodeVarints, encodeVarints } from '../../../core/bundle/varints.ts'

test('takes seven bits a byte, lowest first', () => {
  // 300 = 2 · 128 + 44
  expect([...encodeVarints([0, 127, 128, 300])]).toEqual([0, 127, 128, 1, 0x80 | 44, 2])
})

test('decoding gives back what was encoded, at every length', () => {
  const values = [0, 1, 127, 128, 16383, 16384, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1]
  expect([...decodeVarints(encodeVarints(values), 'place')]).toEqual(values)
})

test('refuses a number cut off', () => {
  expect(() => decodeVarints(Uint8Array.of(5, 128), 'story 7')).toThrow('story 7: number 1 is cut off')
})

test('refuses a number of more than 32 bits', () => {
  expect(() => decodeVarints(Uint8Array.of(255, 255, 255, 255, 16), 'story 7')).toThrow(
    'story 7: number 0 has more than 32 bits',
  )
  expect(() => decodeVarints(Uint8Array.of(128, 128, 128, 128, 128, 1), 'story 7')).toThrow('more than 32 bits')
})
