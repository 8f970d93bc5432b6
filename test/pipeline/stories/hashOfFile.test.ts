import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { hashOfFile } from '../../../pipeline/stories/hashOfFile.ts'
import { test } from './storyFolder.ts'

test('length and SHA-256 of a file are those of its bytes', async ({ folder }) => {
  // FIPS 180-2, appendix B.1
  expect(await hashOfFile(await folder.write('abc', 'abc'))).toEqual({
    bytes: 3,
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  })
  // Longer than two chunks of 1 MiB.
  const long = Buffer.alloc(2_500_000, 'stories')
  const sha256 = createHash('sha256').update(long).digest('hex')
  expect(await hashOfFile(await folder.write('long', long))).toEqual({ bytes: 2_500_000, sha256 })
})

test('a file that is not there is refused', async ({ folder }) => {
  const path = `${folder.path}/none`
  const message = `${path}: cannot be read (ENOENT)`
  await expect(hashOfFile(path)).rejects.toThrow(expect.objectContaining({ code: 'source/unreachable', message }))
})

test('a folder is refused', async ({ folder }) => {
  await expect(hashOfFile(folder.path)).rejects.toThrow(`${folder.path}: cannot be read (EISDIR)`)
})
