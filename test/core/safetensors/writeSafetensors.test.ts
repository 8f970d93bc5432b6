import { expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { readSafetensors } from '../../../core/safetensors/readSafetensors.ts'
import { writeSafetensors } from '../../../core/safetensors/writeSafetensors.ts'

const tensors = [
  { name: 'logits', shape: [2, 2], data: Float32Array.of(0.1, -0, Number.POSITIVE_INFINITY, 3) },
  { name: 'kl', shape: [1], data: Float32Array.of(9, 7).subarray(1) },
  { name: 'none', shape: [0], data: new Float32Array(0) },
]

test('writes what readSafetensors reads', async () => {
  const found = await readSafetensors(bytesByteSource(writeSafetensors(tensors), 'out.safetensors'))
  expect([...found.keys()]).toEqual(['logits', 'kl', 'none'])
  for (const { name, shape, data } of tensors) {
    expect(found.get(name)?.shape).toEqual(shape)
    expect(await found.get(name)?.read()).toEqual(data)
  }
})

test('writes the bytes of the format, the header padded to a multiple of eight', () => {
  const file = writeSafetensors([{ name: 'a', shape: [1], data: Float32Array.of(1.5) }], { by: 'us' })
  const header = '{"__metadata__":{"by":"us"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}       '
  expect(header.length).toBe(88)
  expect(file.subarray(0, 8)).toEqual(Uint8Array.of(88, 0, 0, 0, 0, 0, 0, 0))
  expect(new TextDecoder().decode(file.subarray(8, 96))).toBe(header)
  expect(file.subarray(96)).toEqual(Uint8Array.of(0, 0, 0xc0, 0x3f))
})

test('refuses a name twice, and numbers that do not fill the shape', () => {
  expect(() => writeSafetensors([...tensors, ...tensors])).toThrow('tensor name logits is taken')
  expect(() => writeSafetensors([{ name: 'a', shape: [2], data: Float32Array.of(1) }])).toThrow(
    'a: 1 numbers for shape [2]',
  )
})
