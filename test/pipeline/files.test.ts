import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashFile, openFile, writeFileAtomically } from '../../pipeline/node/files.ts'
import { replaceFolder } from '../../pipeline/node/replaceFolder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-files-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('openFile', () => {
  test('gives the bytes of a half-open range', async () => {
    await writeFile(join(folder, 'a.bin'), Uint8Array.of(10, 11, 12, 13, 14))
    const file = await openFile(join(folder, 'a.bin'))
    expect(file).toMatchObject({ name: 'a.bin', byteLength: 5 })
    expect(await file.slice(1, 4)).toEqual(Uint8Array.of(11, 12, 13))
    await expect(file.slice(3, 7)).rejects.toMatchObject({
      code: 'source/unreachable',
      message: `${join(folder, 'a.bin')}: read 2 bytes from 3, expected 4`,
    })
    await file.close()
  })

  test('names a file that is not there', async () => {
    const path = join(folder, 'none')
    await expect(openFile(path)).rejects.toThrow(`${path}: cannot be read (ENOENT)`)
  })
})

describe('writeFileAtomically', () => {
  test('makes the folder and leaves no other file', async () => {
    const path = join(folder, 'deep/er/a.txt')
    await writeFileAtomically(path, 'first')
    await writeFileAtomically(path, 'second')
    expect(await readFile(path, 'utf8')).toBe('second')
    expect(await readdir(join(folder, 'deep/er'))).toEqual(['a.txt'])
  })
})

describe('hashFile', () => {
  test('is the SHA-256 of a file larger than what is read at once, and counts its bytes', async () => {
    const bytes = new Uint8Array(2_500_000).fill(7)
    await writeFile(join(folder, 'a.bin'), bytes)
    const seen: number[] = []
    const hash = await hashFile(join(folder, 'a.bin'), (done) => seen.push(done))
    expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(seen.at(-1)).toBe(2_500_000)
    expect(seen.length).toBeGreaterThan(1)
  })
})

describe('replaceFolder', () => {
  test('keeps the old folder where writing the new one fails', async () => {
    const out = join(folder, 'out')
    await replaceFolder(out, (partial) => writeFile(join(partial, 'a.txt'), 'old'))
    const failing = replaceFolder(out, async (partial) => {
      await writeFile(join(partial, 'a.txt'), 'new')
      throw new Error('no space')
    })
    await expect(failing).rejects.toThrow('no space')
    expect(await readFile(join(out, 'a.txt'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['out'])
  })
})
