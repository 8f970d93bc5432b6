import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { causalImportancePort, IDS } from '../../core/graph/ports.ts'
import { floatOutput } from '../../core/inference/floatOutput.ts'
import { CI_UNIT } from '../../core/statistics/formerActivity.ts'
import { totalCount } from '../../core/statistics/TokenCounts.ts'
import { readHarvest } from '../../pipeline/harvest/harvestFolder.ts'
import { harvest } from '../../pipeline/harvest.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../../pipeline/node/openBundleSession.ts'
import { convertOracle, harvestOracle, recordingTerminal, STORIES } from './harvestedOracle.ts'

let folder: string
let bundle: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-harvest-'))
  bundle = join(folder, 'bundle')
  await convertOracle('llama-mlp', 'model_1000.pth', bundle)
})
afterAll(() => rm(folder, { recursive: true }))

test('gives the same bytes on one thread and on three', async () => {
  await harvestOracle(bundle, join(folder, 'one'), 1)
  await harvestOracle(bundle, join(folder, 'three'), 3)
  const files = await readdir(join(folder, 'one'))
  expect(files).toHaveLength(14 + 3) // a module each, stories, occurrences, harvest.json
  for (const file of files) {
    const [one, three] = await Promise.all(['one', 'three'].map((name) => readFile(join(folder, name, file))))
    expect(three?.equals(one ?? Buffer.alloc(0)), file).toBe(true)
  }
})

test('says what it harvested: sources, positions, cut stories', async () => {
  const told = await harvestOracle(bundle, join(folder, 'told'))
  expect(told).toMatch(/told: 160 stories \(\d+ cut at 64\), 6842 positions, \d+ a second$/)
  const { manifest, stories } = await readHarvest(join(folder, 'told'))
  expect(manifest.corpus).toMatchObject({
    sources: [{ name: 'stories.jsonl', stories: 160, separator: null }],
    field: 'story',
    stories: 160,
    positions: 6842,
    distinct_tokens: 76,
    context_length: 64,
    threshold: 0.01,
    seed: 0,
  })
  expect(stories.filter((ids) => ids.length === 64).length).toBeGreaterThanOrEqual(manifest.corpus.stories_cut)
  // Every story ends with [EOS] (1) but those that were cut.
  expect(stories.filter((ids) => ids.at(-1) !== 1)).toHaveLength(manifest.corpus.stories_cut)
})

test('ends before the story that would go beyond the limit', async () => {
  const out = join(folder, 'limited')
  const options = { bundle, stories: [STORIES], out, field: 'story', threshold: 0.01, threads: 2, seed: 0 }
  await harvest({ ...options, limitPositions: 500 }, recordingTerminal().terminal)
  const limited = await readHarvest(out)
  await harvestOracle(bundle, join(folder, 'whole'))
  const whole = await readHarvest(join(folder, 'whole'))
  const count = limited.stories.length
  const positions = limited.stories.reduce((sum, ids) => sum + ids.length, 0)
  expect(limited.stories).toEqual(whole.stories.slice(0, count))
  expect(positions).toBeLessThanOrEqual(500)
  expect(positions + (whole.stories[count]?.length ?? 0)).toBeGreaterThan(500)
  expect(limited.manifest.corpus).toMatchObject({ stories: count, positions })
  expect(limited.manifest.corpus.sources[0]?.stories).toBe(count)
})

test('keeps example stories of 40 to 160 tokens that were not cut', async () => {
  await harvestOracle(bundle, join(folder, 'examples'))
  const { manifest, stories } = await readHarvest(join(folder, 'examples'))
  expect(manifest.example_stories).toHaveLength(8)
  const lines = (await readFile(STORIES, 'utf8')).trim().split('\n')
  for (const { story, text } of manifest.example_stories) {
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
    const harvested = await readHarvest(join(oracle, 'harvest'))
    const opened = await openBundleFolder(join(oracle, 'bundle'))
    const session = await openBundleSession(opened, 'observe', { outputs: null, threads: 1 })
    const { modules } = opened.manifest
    const firings = modules.map(({ c }) => new Array<number>(c).fill(0))
    const sums = modules.map(({ c }) => new Array<number>(c).fill(0))
    for (const ids of harvested.stories) {
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
    for (const [i, { path, c }] of modules.entries()) {
      const module = await harvested.readModule(i)
      expect(module.tokenCounts.map(totalCount), path).toEqual(firings[i])
      for (let s = 0; s < c; s++) {
        // Float32 of the graph against float64 outside it, over at most 400 positions.
        expect(Math.abs((module.ciSums[s] ?? 0) * CI_UNIT - (sums[i]?.[s] ?? 0))).toBeLessThan(400 * 1e-6)
      }
    }
  })
})

describe('bad input', () => {
  const options = (stories: string) => ({
    bundle,
    stories: [stories],
    out: join(folder, 'bad'),
    field: 'story',
    threshold: 0.01,
    threads: 1,
    seed: 0,
  })
  const { terminal } = recordingTerminal()

  test('a line that is no JSON is told with its number, before anything is run', async () => {
    const file = join(folder, 'broken.jsonl')
    await writeFile(file, '{"story": "a fox"}\n{"story": "a f\n')
    await expect(harvest(options(file), terminal)).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'broken.jsonl:2: is not JSON',
    })
  })

  test('a line without the field is told with its number and its fields', async () => {
    const file = join(folder, 'fields.jsonl')
    await writeFile(file, '{"story": "a fox"}\n{"text": "a fox", "theme": "fox"}\n')
    await expect(harvest(options(file), terminal)).rejects.toThrow(
      'fields.jsonl:2: has no field "story", its fields are "text", "theme"',
    )
  })

  test('a corpus without stories is refused', async () => {
    const file = join(folder, 'empty.jsonl')
    await writeFile(file, '\n')
    await expect(harvest(options(file), terminal)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: `--stories ${file}: no story in them`,
    })
  })

  test('a limit below the first story is refused', async () => {
    await expect(harvest({ ...options(STORIES), limitPositions: 3 }, terminal)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: '--limit-positions 3: the first story alone has more',
    })
  })

  test('a folder that is no harvest is not replaced', async () => {
    await expect(harvest({ ...options(STORIES), out: bundle }, terminal)).rejects.toThrow(
      `--out ${bundle}: exists and has no harvest.json`,
    )
  })

  test('a damaged graph is told by the worker and ends the harvest', async () => {
    const damaged = join(folder, 'damaged')
    await convertOracle('llama-mlp', 'model_1000.pth', damaged)
    await writeFile(join(damaged, 'model/observe.onnx'), 'no graph')
    await expect(harvest({ ...options(STORIES), bundle: damaged }, terminal)).rejects.toMatchObject({
      code: 'bundle/corrupt',
      message: expect.stringMatching(/^model\/observe\.onnx: 8 bytes, expected \d+$/),
    })
    expect(await readdir(folder)).not.toContain('bad')
  })
})
