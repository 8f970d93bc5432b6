import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readHarvestedModule, readHarvestStories } from '../../core/bundle/readHarvest.ts'
import { causalImportancePort, IDS } from '../../core/graph/ports.ts'
import { floatOutput } from '../../core/inference/floatOutput.ts'
import { CI_UNIT } from '../../core/statistics/Activity.ts'
import { tokenCountsAt } from '../../core/statistics/FiringCounts.ts'
import type { SampledPositions } from '../../core/statistics/SampledPositions.ts'
import { totalCount } from '../../core/statistics/TokenCounts.ts'
import { openHarvest } from '../../pipeline/harvest/harvestFolder.ts'
import { readSample } from '../../pipeline/harvest/readSample.ts'
import { harvest } from '../../pipeline/harvest.ts'
import { merge } from '../../pipeline/merge.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../../pipeline/node/openBundleSession.ts'
import { writeIndex } from '../../pipeline/writeIndex.ts'
import { convertOracle, harvestOracle, recordingTerminal, STORIES } from './harvestedOracle.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let folder: string
let bundle: string
/** Parts of 20 stories on one thread: eight parts. */
let whole: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-harvest-'))
  bundle = join(folder, 'bundle')
  whole = join(folder, 'whole')
  await convertOracle('llama-mlp', 'model_1000.pth', bundle)
  await harvest(options(whole), recordingTerminal().terminal)
})
afterAll(() => rm(folder, { recursive: true }))

function options(out: string) {
  const shared = { bundle, stories: [STORIES], field: 'story', threshold: 0.01, threads: 1, seed: 0 }
  return { ...shared, partStories: 20, out }
}

/** The files of two folders are the same, byte by byte. */
async function expectSameFiles(found: string, expected: string): Promise<void> {
  const names = (await readdir(expected)).sort()
  expect((await readdir(found)).sort()).toEqual(names)
  for (const name of names) {
    const [a, b] = await Promise.all([found, expected].map((path) => readFile(join(path, name))))
    expect(a?.equals(b ?? Buffer.alloc(0)), name).toBe(true)
  }
}

async function indexOf(harvested: string, copy: string): Promise<string> {
  await cp(bundle, copy, { recursive: true })
  await writeIndex({ bundle: copy, harvest: harvested }, recordingTerminal().terminal)
  return join(copy, 'index')
}

describe('the same bytes come', () => {
  test('from three threads as from one', async () => {
    await harvest({ ...options(join(folder, 'threads')), threads: 3 }, recordingTerminal().terminal)
    await expectSameFiles(join(folder, 'threads'), whole)
  })

  test.each([3, 8])('from %i shards as from none, in the harvest and in its index', async (count) => {
    const folders: string[] = []
    for (let index = 0; index < count; index++) {
      const out = join(folder, `shard-${count}-${index % 2}`)
      await harvest({ ...options(out), shard: { index, count } }, recordingTerminal().terminal)
      folders.push(`${out}.parts`)
    }
    const merged = join(folder, `merged-${count}`)
    await merge({ parts: [...new Set(folders)], out: merged }, recordingTerminal().terminal)
    await expectSameFiles(merged, whole)
    const index = await indexOf(merged, join(folder, `index-${count}`))
    await expectSameFiles(index, await indexOf(whole, join(folder, `index-${count}-whole`)))
  })

  test('of the counts from parts of any size', async () => {
    // Float sums of the graph may differ in their last bit with the batch, which here decides nothing.
    await harvest({ ...options(join(folder, 'parts')), partStories: 160 }, recordingTerminal().terminal)
    const [one, eight] = await Promise.all([join(folder, 'parts'), whole].map(openHarvest))
    for (let i = 0; i < 14; i++) {
      const [a, b] = await Promise.all([one, eight].map((opened) => opened && readHarvestedModule(opened, i)))
      expect(a?.counts).toEqual(b?.counts)
      expect(a?.activity.sampled.stories).toEqual(b?.activity.sampled.stories)
      expect(a?.activity.l0ByPosition).toEqual(b?.activity.l0ByPosition)
    }
  })
})

test('says what it harvested: sources, positions, cut stories', async () => {
  const { terminal, recorded } = recordingTerminal()
  const out = join(folder, 'told')
  await harvest({ ...options(out) }, terminal)
  expect(recorded.told).toEqual([
    expect.stringMatching(/told\.parts: 6842 positions, \d+ a second$/),
    expect.stringMatching(/told: 160 stories \(\d+ cut at 64\), 6842 positions, of 8 parts$/),
  ])
  const opened = await openHarvest(out)
  const stories = await readHarvestStories(opened)
  expect(opened.manifest.corpus).toMatchObject({
    sources: [{ name: 'stories.jsonl', stories: 160, separator: null }],
    field: 'story',
    stories: 160,
    positions: 6842,
    distinct_tokens: 76,
    context_length: 64,
    threshold: 0.01,
    levels: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9],
    seed: 0,
    sample: null,
    sample_share: 1,
    sampled_positions: 6842,
    jackknife_blocks: 16,
  })
  // Every story ends with [EOS] (1) but those that were cut.
  expect(stories.filter((ids) => ids.at(-1) !== 1)).toHaveLength(opened.manifest.corpus?.stories_cut ?? 0)
  // Parts are removed once they are merged.
  expect(await readdir(folder)).not.toContain('told.parts')
})

test('ends before the story that would go beyond the limit', async () => {
  const out = join(folder, 'limited')
  await harvest({ ...options(out), limitPositions: 500 }, recordingTerminal().terminal)
  const limited = await openHarvest(out)
  const stories = await readHarvestStories(limited)
  const all = await readHarvestStories(await openHarvest(whole))
  const count = stories.length
  const positions = stories.reduce((sum, ids) => sum + ids.length, 0)
  expect(stories).toEqual(all.slice(0, count))
  expect(positions).toBeLessThanOrEqual(500)
  expect(positions + (all[count]?.length ?? 0)).toBeGreaterThan(500)
  expect(limited.manifest.corpus).toMatchObject({ stories: count, positions, sources: [{ stories: count }] })
})

test('numbers stories without the empty ones, and those of a sample in their order', async () => {
  const lines = (await readFile(STORIES, 'utf8')).trim().split('\n').slice(0, 30)
  const mixed = join(folder, 'mixed.jsonl')
  await writeFile(mixed, lines.flatMap((line) => ['{"story": " "}', line]).join('\n'))
  const plain = join(folder, 'plain.jsonl')
  await writeFile(plain, lines.join('\n'))
  const { terminal, recorded } = recordingTerminal()
  const run = async (name: string, file: string, sample?: number) => {
    const sampled = sample === undefined ? {} : { sample, sampleSeed: 3 }
    await harvest({ ...options(join(folder, name)), stories: [file], partStories: 7, ...sampled }, terminal)
    const opened = await openHarvest(join(folder, name))
    return { corpus: opened.manifest.corpus, stories: await readHarvestStories(opened) }
  }
  const withEmpty = await run('with-empty', mixed)
  const without = await run('without-empty', plain)
  expect(withEmpty.corpus).toMatchObject({ empty_stories: 30, stories: 30 })
  expect(recorded.told).toContain('30 stories hold nothing but white space and are left out')
  expect(withEmpty.stories).toEqual(without.stories)
  const sampled = await run('sampled', mixed, 12)
  expect(sampled.corpus).toMatchObject({ stories: 12, sample: { count: 12, seed: 3, population: 30 } })
  const texts = without.stories.map(String)
  const places = sampled.stories.map((ids) => texts.indexOf(String(ids)))
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(places).not.toContain(-1)
})

test('keeps example stories of 40 to 160 tokens that were not cut', async () => {
  const opened = await openHarvest(whole)
  const stories = await readHarvestStories(opened)
  expect(opened.manifest.example_stories).toHaveLength(8)
  const lines = (await readFile(STORIES, 'utf8')).trim().split('\n')
  for (const { story, text } of opened.manifest.example_stories) {
    expect(JSON.parse(lines[story] ?? '')).toEqual({ story: text })
    expect(stories[story]?.length).toBeGreaterThanOrEqual(40)
    expect(stories[story]?.at(-1)).toBe(1)
  }
})

describe.each([
  ['llama-vector-mlp', 'model_1010.safetensors'],
  ['llama-simple-mlp-shared-mlp', 'model_1050.pth'],
  ['llama-mlp', 'model_1000.pth'],
])('%s', (name, checkpoint) => {
  test('counts and sums what the graph itself gives as CI', async () => {
    const oracle = join(folder, name)
    await convertOracle(name, checkpoint, join(oracle, 'bundle'))
    const file = join(oracle, 'few.jsonl')
    const lines = (await readFile(STORIES, 'utf8')).split('\n').slice(0, 6)
    await writeFile(file, lines.join('\n'))
    await harvestOracle(join(oracle, 'bundle'), join(oracle, 'harvest'), 2, [file])
    const harvested = await openHarvest(join(oracle, 'harvest'))
    const opened = await openBundleFolder(join(oracle, 'bundle'))
    const session = await openBundleSession(opened, 'observe', { outputs: null, threads: 1 })
    const { modules } = opened.manifest
    const firings = modules.map(({ c }) => new Array<number>(c).fill(0))
    const sums = modules.map(({ c }) => new Array<number>(c).fill(0))
    for (const ids of await readHarvestStories(harvested)) {
      const data = BigInt64Array.from(ids, BigInt)
      const outputs = await session.run({ [IDS]: { type: 'int64', data, dims: [1, ids.length] } })
      for (const [i, { path, c }] of modules.entries()) {
        for (const [at, ci] of floatOutput(outputs, causalImportancePort(path)).entries()) {
          const counts = firings[i] ?? []
          const sum = sums[i] ?? []
          if (ci > 0.01) counts[at % c] = (counts[at % c] ?? 0) + 1
          sum[at % c] = (sum[at % c] ?? 0) + ci
        }
      }
    }
    await session.close()
    const level = harvested.manifest.settings.levels.indexOf(0.01)
    for (const [i, { path, c }] of modules.entries()) {
      const { activity, counts } = await readHarvestedModule(harvested, i)
      const found = Array.from({ length: c }, (_, s) => totalCount(tokenCountsAt(counts, s, level)))
      expect(found, path).toEqual(firings[i])
      for (let s = 0; s < c; s++) {
        // Float32 of the graph against float64 outside it, over at most 400 positions.
        expect(Math.abs((activity.ciSums[s] ?? 0) * CI_UNIT - (sums[i]?.[s] ?? 0))).toBeLessThan(400 * 1e-6)
      }
    }
  })
})

test('threads of ONNX Runtime change no byte where the graph gives the CI', async () => {
  const oracle = join(folder, 'vector-threads')
  await convertOracle('llama-vector-mlp', 'model_1010.safetensors', join(oracle, 'bundle'))
  const few = { ...options(''), bundle: join(oracle, 'bundle'), limitPositions: 1500 }
  const { terminal } = recordingTerminal()
  await harvest({ ...few, out: join(oracle, 'one') }, terminal)
  await harvest({ ...few, out: join(oracle, 'two'), threads: 2 }, terminal)
  await expectSameFiles(join(oracle, 'two'), join(oracle, 'one'))
})

describe('categories', () => {
  test('are counted of every token that is found in the text', async () => {
    const { files, settings } = (await openHarvest(whole)).manifest
    expect(settings.categories).toBe(18)
    const plain = join(folder, 'no-categories')
    await harvest({ ...options(plain), categories: false }, recordingTerminal().terminal)
    const without = (await openHarvest(plain)).manifest
    expect(without.settings.categories).toBe(0)
    expect(without.files.corpus.bytes).toBeLessThan(files.corpus.bytes)
    // Nothing else depends on them.
    expect(without.modules).toEqual((await openHarvest(whole)).manifest.modules)
  })
})

describe('sampled positions', () => {
  test('are read up to a budget of pairs, each row as it was counted', async () => {
    const opened = await openHarvest(whole)
    const all = await readSample(opened)
    const some = await readSample(opened, 2_000_000)
    const rowOf = (positions: SampledPositions, row: number) => ({
      token: positions.tokenIds[row],
      outputs: positions.outputs.tokenIds.slice(positions.outputs.starts[row], positions.outputs.starts[row + 1]),
      active: positions.modules.map(({ starts, subcomponents }) => subcomponents.slice(starts[row], starts[row + 1])),
    })
    expect(all).toMatchObject({ drawn: 6842, positions: { rowCount: 6842 } })
    const few = some?.positions
    if (all === null || few === undefined) throw new Error('the harvest has sampled positions')
    expect(few.rowCount).toBeGreaterThan(1)
    expect(few.rowCount).toBeLessThan(6842)
    for (let row = 0; row < few.rowCount; row++) {
      const place = Array.from(all.positions.stories.keys()).find(
        (i) => all.positions.stories[i] === few.stories[row] && all.positions.positions[i] === few.positions[row],
      )
      expect(rowOf(few, row)).toEqual(rowOf(all.positions, place ?? -1))
    }
  })

  test('are none where their share is 0, and no logits are made', async () => {
    const out = join(folder, 'unsampled')
    await harvest({ ...options(out), sampleShare: 0 }, recordingTerminal().terminal)
    const { manifest } = await openHarvest(out)
    expect(manifest).toMatchObject({ sampled_positions: 0, corpus: { sample_share: 0 } })
    expect(manifest.files.sampled_positions.bytes).toBe(0)
  })
})

describe('bad input', () => {
  const bad = (stories: string) => ({ ...options(join(folder, 'bad')), stories: [stories] })
  const { terminal } = recordingTerminal()

  test('a line that is no JSON is told with its number, before anything is run', async () => {
    const file = join(folder, 'broken.jsonl')
    await writeFile(file, '{"story": "a fox"}\n{"story": "a f\n')
    await expect(harvest(bad(file), terminal)).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'broken.jsonl:2: is not JSON',
    })
  })

  test('a line without the field is told with its number and its fields', async () => {
    const file = join(folder, 'fields.jsonl')
    await writeFile(file, '{"story": "a fox"}\n{"text": "a fox", "theme": "fox"}\n')
    await expect(harvest(bad(file), terminal)).rejects.toThrow(
      'fields.jsonl:2: has no field "story", its fields are "text", "theme"',
    )
  })

  test('a corpus without stories is refused', async () => {
    const file = join(folder, 'empty.jsonl')
    await writeFile(file, '\n')
    await expect(harvest(bad(file), terminal)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: `--stories ${file}: no story in them`,
    })
  })

  test('a limit below the first story is refused', async () => {
    await expect(harvest({ ...bad(STORIES), limitPositions: 3 }, terminal)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: '--limit-positions 3: the first story alone has more',
    })
  })

  test('a folder that is no harvest is not replaced', async () => {
    await expect(harvest({ ...bad(STORIES), out: bundle }, terminal)).rejects.toThrow(
      `--out ${bundle}: exists and has no harvest.json`,
    )
  })

  test('a damaged graph is told by the worker and ends the harvest', async () => {
    const damaged = join(folder, 'damaged')
    await convertOracle('llama-mlp', 'model_1000.pth', damaged)
    await writeFile(join(damaged, 'model/observe.onnx'), 'no graph')
    await expect(harvest({ ...bad(STORIES), bundle: damaged }, terminal)).rejects.toMatchObject({
      code: 'bundle/corrupt',
      message: expect.stringMatching(/^model\/observe\.onnx: 8 bytes, expected \d+$/),
    })
    expect(await readdir(folder)).not.toContain('bad')
  })

  test('a provider that cannot be opened is told', async () => {
    // No machine of ours has a graphics driver; one that has opens it.
    const failure = await harvest({ ...options(join(folder, 'webgpu')), provider: 'webgpu' }, terminal).catch(
      (error: unknown) => error,
    )
    if (failure !== undefined) expect(failure).toMatchObject({ code: 'backend/unavailable' })
  })
})
