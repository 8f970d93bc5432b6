import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Progress } from '../../core/progress/Progress.ts'
import type { Storyteller } from '../../core/storyteller/createStoryteller.ts'
import { writeCorpus } from '../../training/writeCorpus.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-corpus-'))
})
afterEach(() => rm(folder, { recursive: true }))

const counting: Storyteller = { story: (index) => ({ text: `Story\n${index}`, theme: 'numbers', style: 'plain' }) }
const failing: Storyteller = {
  story: (index) => {
    if (index === 3) throw new Error('no story 3')
    return counting.story(index)
  },
}

describe('writeCorpus', () => {
  test('writes one JSON object a line and leaves no other file', async () => {
    await writeCorpus(counting, 2, join(folder, 'new', 'stories.jsonl'), () => undefined)
    expect(await readFile(join(folder, 'new', 'stories.jsonl'), 'utf8')).toBe(
      '{"story":"Story\\n0","theme":"numbers","style":"plain"}\n{"story":"Story\\n1","theme":"numbers","style":"plain"}\n',
    )
    expect(await readdir(join(folder, 'new'))).toEqual(['stories.jsonl'])
  })

  test('tells progress every thousand stories and at the end', async () => {
    const told: Progress[] = []
    await writeCorpus(counting, 2500, join(folder, 'stories.jsonl'), (progress) => told.push(progress))
    expect(told.map(({ done, total }) => [done, total])).toEqual([
      [1000, 2500],
      [2000, 2500],
      [2500, 2500],
    ])
  })

  test('leaves the earlier file as it was when it fails', async () => {
    const path = join(folder, 'stories.jsonl')
    await writeFile(path, 'earlier')
    await expect(writeCorpus(failing, 5, path, () => undefined)).rejects.toThrow('no story 3')
    expect(await readFile(path, 'utf8')).toBe('earlier')
    expect(await readdir(folder)).toEqual(['stories.jsonl'])
  })
})
