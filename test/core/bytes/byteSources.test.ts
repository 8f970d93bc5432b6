import { expect, test } from 'vitest'
import { blobByteSource } from '../../../core/bytes/blobByteSource.ts'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'

const bytes = Uint8Array.of(1, 2, 3, 4, 5)

test.each([
  ['bytesByteSource', bytesByteSource(bytes, 'five.bin')],
  ['blobByteSource', blobByteSource(new Blob([bytes]), 'five.bin')],
])('%s reads half-open slices', async (_, source) => {
  expect(source.name).toBe('five.bin')
  expect(source.byteLength).toBe(5)
  expect(await source.slice(1, 4)).toEqual(Uint8Array.of(2, 3, 4))
  expect(await source.slice(5, 5)).toEqual(new Uint8Array(0))
  await expect(source.slice(3, 6)).rejects.toThrow('five.bin: slice 3 to 6 of 5')
})

test('blobByteSource names a file that cannot be read any more', async () => {
  const blob = new Blob([bytes])
  blob.slice = () => {
    throw new DOMException('gone', 'NotReadableError')
  }
  await expect(blobByteSource(blob, 'five.bin').slice(0, 2)).rejects.toMatchObject({
    code: 'source/unreachable',
    message: 'five.bin: bytes 0 to 2 cannot be read',
  })
})
