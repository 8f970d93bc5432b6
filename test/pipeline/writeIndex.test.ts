import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readManifest } from '../../core/bundle/manifest.ts'
import { GRAMMAR_FORMAT } from '../../core/storyteller/readGrammar.ts'
import { verify } from '../../pipeline/verify.ts'
import { writeIndex } from '../../pipeline/writeIndex.ts'
import { convertOracle, harvestOracle, indexedOracle, recordingTerminal } from './harvestedOracle.ts'

let folder: string
let bundle: string
let harvest: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-index-'))
  bundle = await indexedOracle(folder)
  harvest = join(folder, 'harvest')
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

const { terminal } = recordingTerminal()

async function manifestOf(path: string) {
  return readManifest(await readFile(join(path, 'manifest.json'), 'utf8'), path)
}

async function bytesOf(path: string): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  return new Map(await Promise.all(paths.map(async (file) => [file, await readFile(file, 'base64')] as const)))
}

test('the manifest names the corpus, and every file of the index with its stored and unpacked size', async () => {
  const manifest = await manifestOf(bundle)
  expect(manifest.corpus).toMatchObject({ stories: 160, positions: 6842, threshold: 0.01 })
  expect(manifest.index?.summary).toBe('index/summary.sqlite.gz')
  expect(manifest.index?.details.map(({ start, end }) => [start, end])).toEqual([
    ...manifest.modules.map(({ c }) => [0, c]),
  ])
  expect(manifest.index?.stories).toEqual([{ path: 'index/stories-0.sqlite.gz', start: 0, end: 160 }])
  const indexFiles = manifest.files.filter(({ path }) => path.startsWith('index/'))
  expect(indexFiles.map(({ path }) => path.slice('index/'.length)).toSorted()).toEqual(
    (await readdir(join(bundle, 'index'))).toSorted(),
  )
  for (const { path, bytes, unpacked } of indexFiles) {
    expect((await readFile(join(bundle, path))).length).toBe(bytes)
    expect(unpacked?.bytes).toBeGreaterThan(bytes)
  }
})

test('the same harvest gives the same bytes again', async () => {
  const before = await bytesOf(bundle)
  await writeIndex({ bundle, harvest }, terminal)
  expect(await bytesOf(bundle)).toEqual(before)
})

test('a grammar is copied and named', async () => {
  const copy = join(folder, 'with-grammar')
  await cp(bundle, copy, { recursive: true })
  const grammar = join(folder, 'grammar.json')
  const text = JSON.stringify({
    format: GRAMMAR_FORMAT,
    lexicon: [{ name: 'animal', words: [{ singular: 'fox', plural: 'foxes' }] }],
    skeletons: [{ theme: 'fox', style: 'short', body: 'A {animal}.' }],
  })
  await writeFile(grammar, text)
  await writeIndex({ bundle: copy, harvest, grammar }, terminal)
  const manifest = await manifestOf(copy)
  expect(manifest.story_grammar).toBe('stories/grammar.json')
  expect(await readFile(join(copy, 'stories/grammar.json'), 'utf8')).toBe(text)
  await writeFile(grammar, '{}')
  await expect(writeIndex({ bundle: copy, harvest, grammar }, terminal)).rejects.toThrow(grammar)
})

test('the whole stories can be left out, and what is left agrees', async () => {
  const slim = join(folder, 'slim')
  await cp(bundle, slim, { recursive: true })
  await writeIndex({ bundle: slim, harvest, stories: false }, terminal)
  const manifest = await manifestOf(slim)
  expect(manifest.index?.stories).toEqual([])
  expect((await readdir(join(slim, 'index'))).filter((name) => name.startsWith('stories'))).toEqual([])
  const { terminal: listener, recorded } = recordingTerminal()
  await verify(slim, listener)
  expect(recorded.printed).toBe('')
})

describe('refuses', () => {
  test('the harvest of another checkpoint', async () => {
    const other = join(folder, 'other')
    await convertOracle('llama-one-c', 'model_1020.pth', other)
    await expect(writeIndex({ bundle: other, harvest }, terminal)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: expect.stringMatching(
        new RegExp(`^${harvest}: harvest of checkpoint [0-9a-f]{64}, the bundle has [0-9a-f]{64}$`),
      ),
    })
  })

  test('a harvest with a changed file', async () => {
    const changed = join(folder, 'changed')
    await harvestOracle(bundle, changed)
    const bytes = await readFile(join(changed, 'activity-3.bin'))
    bytes[200] = (bytes[200] ?? 0) ^ 1
    await writeFile(join(changed, 'activity-3.bin'), bytes)
    const before = await bytesOf(bundle)
    await expect(writeIndex({ bundle, harvest: changed }, terminal)).rejects.toMatchObject({
      code: 'bundle/corrupt',
      message: expect.stringContaining(`${join(changed, 'activity-3.bin')}: SHA-256`),
    })
    // The index that was there stays.
    expect(await bytesOf(bundle)).toEqual(before)
  })

  test('a folder that is no harvest', async () => {
    await expect(writeIndex({ bundle, harvest: bundle }, terminal)).rejects.toMatchObject({
      code: 'source/unreachable',
      message: `${join(bundle, 'harvest.json')}: cannot be read (ENOENT)`,
    })
  })

  test('a harvest of another format', async () => {
    const changed = join(folder, 'later')
    await cp(harvest, changed, { recursive: true })
    await writeFile(join(changed, 'harvest.json'), '{"format": 1}')
    await expect(writeIndex({ bundle, harvest: changed }, terminal)).rejects.toMatchObject({
      code: 'format/malformed',
      message: expect.stringContaining(`${join(changed, 'harvest.json')}, format: `),
    })
  })
})
