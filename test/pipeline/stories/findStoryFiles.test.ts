import { symlink } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { findStoryFiles } from '../../../pipeline/stories/findStoryFiles.ts'
import { test } from './storyFolder.ts'

const EXPECTED = 'expected .jsonl, .txt or .parquet, or one of these with .gz'

describe('story files', () => {
  test('are told by their extension, in any case', async ({ folder }) => {
    const names = ['a.jsonl', 'b.TXT', 'c.Parquet', 'd.jsonl.gz', 'e.txt.gz', 'f.parquet.GZ', 'g.v2.jsonl']
    const paths = await Promise.all(names.map((name) => folder.write(name, '')))
    const { files } = await findStoryFiles(paths)
    expect(files.map(({ source, format, isGzipped }) => [source, format, isGzipped])).toEqual([
      ['a.jsonl', 'jsonl', false],
      ['b.TXT', 'txt', false],
      ['c.Parquet', 'parquet', false],
      ['d.jsonl.gz', 'jsonl', true],
      ['e.txt.gz', 'txt', true],
      ['f.parquet.GZ', 'parquet', true],
      ['g.v2.jsonl', 'jsonl', false],
    ])
  })

  test('of a folder come in the order of their names, what else it holds is listed', async ({ folder }) => {
    for (const name of ['b.jsonl', 'part-10.txt', 'part-9.txt', 'B.jsonl', 'README.md', 'more.txt/c.jsonl']) {
      await folder.write(name, '')
    }
    const { files, otherPaths } = await findStoryFiles([folder.path])
    expect(files.map(({ source }) => source)).toEqual(['B.jsonl', 'b.jsonl', 'part-10.txt', 'part-9.txt'])
    expect(otherPaths).toEqual([`${folder.path}/README.md`, `${folder.path}/more.txt`])
  })

  test('of one name are told apart by as many folders as it takes', async ({ folder }) => {
    const names = ['x/train/0.txt', 'x/test/0.txt', 'y/train/0.txt', 'y/train/1.txt']
    const { files } = await findStoryFiles(await Promise.all(names.map((name) => folder.write(name, ''))))
    expect(files.map(({ source }) => source)).toEqual(['x/train/0.txt', 'test/0.txt', 'y/train/0.txt', '1.txt'])
  })

  test.for(['stories.json', 'stories.csv', 'stories', 'stories.gz', 'stories.jsonl.zst'])(
    '%s is refused by its name',
    async (name, { folder }) => {
      const path = await folder.write(name, '')
      const message = `${path}: is no story file by its name, ${EXPECTED}`
      await expect(findStoryFiles([path])).rejects.toThrow(
        expect.objectContaining({ code: 'format/unsupported', message }),
      )
    },
  )

  test('that are not there are refused', async ({ folder }) => {
    const path = `${folder.path}/none.jsonl`
    const message = `${path}: cannot be read (ENOENT)`
    await expect(findStoryFiles([path])).rejects.toThrow(
      expect.objectContaining({ code: 'source/unreachable', message }),
    )
  })

  test('must be among a folder, and among the paths', async ({ folder }) => {
    await folder.write('more/c.jsonl', '')
    await folder.write('README.md', '')
    const message = `${folder.path}: holds no story file (.jsonl, .txt or .parquet, or one of these with .gz), it holds "README.md", "more"`
    await expect(findStoryFiles([folder.path])).rejects.toThrow(
      expect.objectContaining({ code: 'format/unsupported', message }),
    )
    await expect(findStoryFiles([])).rejects.toThrow('no story file is given')
  })

  test('met twice are refused, by another path too', async ({ folder }) => {
    const path = await folder.write('a/b.jsonl', '')
    const link = `${folder.path}/link.jsonl`
    await symlink(path, link)
    for (const other of [path, link, `${folder.path}/a`]) {
      await expect(findStoryFiles([path, other])).rejects.toThrow(
        `is the same file as ${path}, its stories would count twice`,
      )
    }
  })
})
