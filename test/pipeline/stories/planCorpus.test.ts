import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Progress } from '../../../core/progress/Progress.ts'
import { type CorpusOptions, type CorpusPlan, cutCorpus, planCorpus } from '../../../pipeline/stories/planCorpus.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-corpus-'))
})
afterAll(() => rm(folder, { recursive: true }))

const silent = () => undefined

async function storyFile(name: string, stories: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, stories.map((story) => `${JSON.stringify({ story })}\n`).join(''))
  return path
}

function options(paths: readonly string[], sample: CorpusOptions['sample'] = null): CorpusOptions {
  return { paths, field: 'story', sample }
}

async function texts(plan: CorpusPlan): Promise<string[]> {
  const read: string[] = []
  for await (const { text } of plan.read()) read.push(text)
  return read
}

test('numbers the stories of all files in order, without the empty ones, as often as they are read', async () => {
  const one = await storyFile('one.jsonl', ['a', ' \n', 'b'])
  const two = await storyFile('two.jsonl', ['', 'c'])
  const plan = await planCorpus(options([one, two]), silent)
  expect(plan).toMatchObject({ storyCount: 3, emptyStories: 2, sample: null, otherPaths: [] })
  expect(plan.sources.map(({ name, stories }) => [name, stories])).toEqual([
    ['one.jsonl', 2],
    ['two.jsonl', 1],
  ])
  const content = `${['a', ' \n', 'b'].map((story) => JSON.stringify({ story })).join('\n')}\n`
  expect(plan.sources[0]?.sha256).toBe(createHash('sha256').update(content).digest('hex'))
  expect(await texts(plan)).toEqual(['a', 'b', 'c'])
  expect(await texts(plan)).toEqual(['a', 'b', 'c'])
})

test('draws the same sample every time, in the order of the files, and says of how many', async () => {
  const stories = Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? '' : `story ${i}`))
  const path = await storyFile('many.jsonl', stories)
  const plan = await planCorpus(options([path], { count: 7, seed: 5 }), silent)
  // A quarter of the forty are empty.
  expect(plan).toMatchObject({ storyCount: 7, emptyStories: 10, sample: { count: 7, seed: 5, population: 30 } })
  const drawn = await texts(plan)
  expect(drawn).toHaveLength(7)
  expect(stories.filter((story) => drawn.includes(story))).toEqual(drawn)
  expect(await texts(await planCorpus(options([path], { count: 7, seed: 5 }), silent))).toEqual(drawn)
  expect(await texts(await planCorpus(options([path], { count: 7, seed: 6 }), silent))).not.toEqual(drawn)
  expect(plan.sources).toMatchObject([{ name: 'many.jsonl', stories: 7 }])
})

test('takes the first stories and drops the sources that give none of them', async () => {
  const one = await storyFile('first.jsonl', ['a', 'b'])
  const two = await storyFile('second.jsonl', ['c'])
  const cut = await cutCorpus(await planCorpus(options([one, two]), silent), 1)
  expect(cut).toMatchObject({ storyCount: 1, sources: [{ name: 'first.jsonl', stories: 1 }] })
  expect(await texts(cut)).toEqual(['a'])
})

test('tells the bytes hashed and counted, to the end', async () => {
  const path = await storyFile('told.jsonl', ['a', 'b'])
  const told: Progress[] = []
  await planCorpus(options([path]), (progress) => told.push(progress))
  // {"story":"a"} and its newline have 14 bytes.
  expect(told).toEqual([
    { label: 'hashing the story files', done: 28, total: 28, unit: 'bytes' },
    { label: 'counting stories', done: 28, total: 28, unit: 'bytes' },
  ])
})

test('counts the bytes of a parquet file once it is read', async () => {
  const path = join(import.meta.dirname, 'fixtures/numbered.parquet')
  const told: Progress[] = []
  await planCorpus({ paths: [path], field: 'story', sample: null }, (progress) => told.push(progress))
  expect(told.at(-1)).toEqual({ label: 'counting stories', done: 2371, total: 2371, unit: 'bytes' })
})

test('names what is left aside in a folder', async () => {
  const inner = await mkdtemp(join(folder, 'inner-'))
  await writeFile(join(inner, 'stories.jsonl'), '{"story": "a"}\n')
  await writeFile(join(inner, 'notes.md'), '')
  expect((await planCorpus(options([inner]), silent)).otherPaths).toEqual([join(inner, 'notes.md')])
})

test('refuses a corpus of empty stories', async () => {
  const path = await storyFile('blank.jsonl', ['', '  '])
  await expect(planCorpus(options([path]), silent)).rejects.toMatchObject({
    code: 'arguments/invalid',
    message: `--stories ${path}: no story in them`,
  })
})
