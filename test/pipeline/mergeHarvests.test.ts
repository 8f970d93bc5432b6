import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HarvestManifest, readHarvestManifest } from '../../core/bundle/harvestManifest.ts'
import { mergeHarvests } from '../../core/bundle/mergeHarvests.ts'
import {
  type OpenedHarvest,
  readCorpusActivity,
  readHarvestedModule,
  readHarvestStories,
  readSampledPositions,
} from '../../core/bundle/readHarvest.ts'
import { sha256 } from '../../core/bundle/sha256.ts'
import { type StoreFile, writeHarvest } from '../../core/bundle/writeHarvest.ts'
import { bytesByteSource } from '../../core/bytes/bytesByteSource.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import { type BundleFolder, openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { bytesOf, countRaw } from './countStories.ts'
import { convertOracle, STORIES } from './harvestedOracle.ts'

let folder: string
let bundle: BundleFolder
let stories: readonly Uint32Array[]
let whole: MemoryHarvest
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-merge-'))
  await convertOracle('llama-mlp', 'model_1000.pth', join(folder, 'bundle'))
  bundle = await openBundleFolder(join(folder, 'bundle'))
  const { tokenizer, target_model } = bundle.manifest
  const { encode } = createTokenizer(new TextDecoder().decode(await bundle.read(tokenizer)), tokenizer)
  const lines = (await readFile(STORIES, 'utf8')).trim().split('\n').slice(0, 48)
  stories = lines.map((line) => {
    const { story } = v.parse(v.object({ story: v.string() }), JSON.parse(line))
    return Uint32Array.from(encode(story).ids.slice(0, target_model.context_length))
  })
  whole = await harvestOf(0, stories.length)
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

/** A harvest's folder in memory. */
interface MemoryHarvest extends OpenedHarvest {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>
}

function storeIn(files: Map<string, Uint8Array<ArrayBuffer>>): StoreFile {
  return async (path, chunks) => {
    const bytes = await bytesOf(chunks)
    files.set(path, bytes)
    return { path, bytes: bytes.length, sha256: await sha256(bytes) }
  }
}

function inMemory(
  manifest: HarvestManifest,
  files: Map<string, Uint8Array<ArrayBuffer>>,
  place = 'part-000000',
): MemoryHarvest {
  return {
    manifest: readHarvestManifest(JSON.stringify(manifest), place),
    place,
    files,
    open: async (path) => ({
      ...bytesByteSource(files.get(path) ?? new Uint8Array(0), `${place}/${path}`),
      close: async () => undefined,
    }),
  }
}

/** The harvest of the stories start ≤ s < end. */
async function harvestOf(start: number, end: number): Promise<MemoryHarvest> {
  const range = Array.from({ length: end - start }, (_, i) => start + i)
  const { activity, runs, blocks } = await countRaw(bundle, stories, {
    levels: [0.001, 0.01, 0.5],
    threshold: 0.01,
    seed: 0,
    sampleShare: 0.125,
    batches: range.map((i) => [i]),
  })
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const manifest = await writeHarvest(
    {
      activity,
      runs: runs.map((module) => module.map((bytes, i) => bytesByteSource(bytes, `run ${i}`))),
      sampledPositions: blocks,
      stories: stories.slice(start, end),
      description: {
        checkpoint_sha256: 'ab'.repeat(32),
        key: 'corpus',
        stories: { start, end },
        corpus: null,
        example_stories: range.map((story) => ({ story, text: `story ${story}` })),
      },
    },
    storeIn(files),
  )
  return inMemory(manifest, files, `part-${start}`)
}

async function merged(parts: readonly OpenedHarvest[]): Promise<MemoryHarvest> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const manifest = await mergeHarvests(parts, { corpus: null, exampleStories: 3 }, storeIn(files))
  return inMemory(manifest, files, 'merged')
}

test.each([1, 3, 8])('%d parts in any order add up to the same bytes', async (count) => {
  const size = stories.length / count
  const parts: MemoryHarvest[] = []
  for (let part = 0; part < count; part++) parts.push(await harvestOf(part * size, (part + 1) * size))
  for (const order of [parts, parts.toReversed(), [...parts.slice(1), ...parts.slice(0, 1)]]) {
    const { manifest, files } = await merged(order)
    expect(files).toEqual(whole.files)
    expect({ ...manifest, example_stories: [] }).toEqual({ ...whole.manifest, example_stories: [] })
    expect(manifest.example_stories).toHaveLength(3)
  }
})

test('merged parts merge with others', async () => {
  const parts = [await harvestOf(0, 10), await harvestOf(10, 20), await harvestOf(20, 48)]
  const both = await merged(parts.slice(1))
  expect(both.manifest.stories).toEqual({ start: 10, end: 48 })
  expect((await merged([both, ...parts.slice(0, 1)])).files).toEqual(whole.files)
})

test('what was written is read back', async () => {
  expect(await readHarvestStories(whole)).toEqual(stories)
  const corpus = await readCorpusActivity(whole)
  expect(corpus.storyCount).toBe(48)
  let rows = 0
  for await (const block of readSampledPositions(whole)) rows += block.rowCount
  expect(rows).toBe(corpus.sampledPositionCount)
  const { activity, counts } = await readHarvestedModule(whole, 3)
  const C = activity.ciSums.length
  for (let c = 0; c < C; c++) {
    const entries = counts.counts.subarray(counts.starts[c], counts.starts[c + 1])
    const positions = activity.binCounts.subarray(3 * c, 3 * c + 3)
    expect(entries.reduce((sum, n) => sum + n, 0)).toBe(positions.reduce((sum, n) => sum + n, 0))
  }
})

test('parts of another harvest, missing stories and stories there twice are refused', async () => {
  const [first, second, last] = [await harvestOf(0, 10), await harvestOf(10, 20), await harvestOf(20, 30)]
  await expect(merged([first, last])).rejects.toThrow('part-20: begins with story 20, expected 10')
  await expect(merged([first, second, second])).rejects.toThrow('part-10: begins with story 10, expected 20')
  const other = inMemory({ ...second.manifest, key: 'other' }, second.files, 'part-x')
  await expect(merged([first, other])).rejects.toThrow('part-x: part of another harvest than part-0')
  await expect(merged([])).rejects.toThrow('merge: no parts of a harvest')
})

test('a file cut off is told by name', async () => {
  for (const { path } of Object.values(whole.manifest.files)) {
    const files = new Map(whole.files)
    files.set(path, (files.get(path) ?? new Uint8Array(1)).slice(0, -1))
    const { bytes } = Object.values(whole.manifest.files).find((file) => file.path === path) ?? { bytes: 0 }
    await expect(merged([inMemory(whole.manifest, files)])).rejects.toThrow(
      `part-000000: ${path} has ${bytes - 1} bytes, expected ${bytes}`,
    )
  }
})

test.each(['activity-0.bin', 'counts-0.bin', 'corpus.bin'])(
  '%s cut off anywhere, sizes told or not, is refused',
  async (path) => {
    const good = whole.files.get(path) ?? new Uint8Array(0)
    const steps = Math.max(1, Math.floor(good.length / 40))
    for (let length = 0; length < good.length; length += steps) {
      const files = new Map(whole.files)
      files.set(path, good.slice(0, length))
      const text = JSON.stringify(whole.manifest).replace(
        `"path":"${path}","bytes":${good.length}`,
        `"path":"${path}","bytes":${length}`,
      )
      const cut = inMemory(readHarvestManifest(text, 'cut'), files)
      await expect(merged([cut]), `${length}`).rejects.toMatchObject({ code: 'format/malformed' })
    }
  },
)
