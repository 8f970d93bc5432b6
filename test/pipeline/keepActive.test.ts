import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { oracleRun, readTensors } from '../../bench/measureOracle.ts'
import { INDEX_VERSION } from '../../core/bundle/indexSchema.ts'
import { readKept } from '../../core/bundle/keptSubcomponents.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import { sha256 } from '../../core/bundle/sha256.ts'
import { readHarvestCounts } from '../../pipeline/convert/readHarvestCounts.ts'
import { type ConvertOptions, convert } from '../../pipeline/convert.ts'
import { type InterveneOptions, intervene } from '../../pipeline/intervene.ts'
import { gzip } from '../../pipeline/node/gzip.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { observe } from '../../pipeline/observe.ts'
import { harvestOracle, indexedOracle } from './harvestedOracle.ts'

const oracle = (name: string): string => fileURLToPath(new URL(`../oracles/${name}`, import.meta.url))
const silent = { tell: () => undefined, onProgress: () => undefined }
const STORY = { ids: '[3, 1, 4, 1, 5]' }

/** What of an index `--keep-active` reads: even subcomponents fire, and of the second module none. */
const fires = (module: number, c: number): boolean => module !== 1 && c % 2 === 0

let folder: string
let run: Omit<ConvertOptions, 'out'>
let whole: string
let pruned: string
let told: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-keep-'))
  run = { ...(await oracleRun(oracle('llama-mlp'), 'pth')), precision: 'f32' }
  whole = join(folder, 'whole')
  await convert({ ...run, out: whole }, silent)
  await addIndex(whole)
  pruned = join(folder, 'pruned')
  told = []
  await convert({ ...run, out: pruned, keepActive: whole }, { ...silent, tell: (line) => told.push(line) })
})
afterAll(() => rm(folder, { recursive: true }))

async function readJson(bundle: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(bundle, 'manifest.json'), 'utf8'))
}

/** Gives a bundle a summary of activation counts alone. */
async function addIndex(bundle: string): Promise<void> {
  const manifest = await readJson(bundle)
  const engine = await initSqlJs()
  const database = new engine.Database()
  database.run(`PRAGMA user_version = ${INDEX_VERSION};
    CREATE TABLE module (module_id INTEGER, module TEXT);
    CREATE TABLE subcomponent (module_id INTEGER, subcomponent INTEGER, activation_count INTEGER);`)
  for (const [m, { path, c: C }] of manifest.modules.entries()) {
    database.run('INSERT INTO module VALUES (?, ?)', [m, path])
    for (let c = 0; c < C; c++) database.run('INSERT INTO subcomponent VALUES (?, ?, ?)', [m, c, fires(m, c) ? 7 : 0])
  }
  const bytes = new Uint8Array(database.export())
  database.close()
  const packed = await gzip(bytes)
  const path = 'summary.sqlite.gz'
  await writeFile(join(bundle, path), packed)
  const file = {
    path,
    bytes: packed.length,
    sha256: await sha256(packed),
    unpacked: { bytes: bytes.length, sha256: await sha256(bytes) },
  }
  const corpus: Manifest['corpus'] = {
    source: 'spd-harvest',
    sources: [],
    wandb_path: null,
    positions: 5000,
    distinct_tokens: 9,
    threshold: 0.01,
  }
  const index = { summary: path, levels: [], details: [], tokens: [], stories: [] }
  const files = [...manifest.files, file]
  await writeFile(join(bundle, 'manifest.json'), JSON.stringify({ ...manifest, corpus, index, files }))
}

describe('convert --keep-active', () => {
  test('leaves out what never fired and says so; addresses and write norms stay', async () => {
    const { manifest, read } = await openBundleFolder(pruned)
    const original = await openBundleFolder(whole)
    expect(manifest.pruned_by).toEqual({ source: 'index', threshold: 0.01, positions: 5000, stories: null })
    for (const [m, module] of manifest.modules.entries()) {
      const expected = Array.from({ length: module.c }, (_, c) => c).filter((c) => fires(m, c))
      expect([...readKept(module).subcomponents]).toEqual(expected)
      expect({ ...module, kept: null }).toEqual(original.manifest.modules[m])
    }
    expect(await read('model/write-norms.bin')).toEqual(await original.read('model/write-norms.bin'))
    const bytes = ({ files, graphs }: Manifest) =>
      files.reduce((sum, file) => sum + (graphs.weights.includes(file.path) ? file.bytes : 0), 0)
    expect(bytes(manifest)).toBeLessThan(bytes(original.manifest))
    const [total, kept] = [manifest.modules.reduce((sum, { c }) => sum + c, 0), manifest.modules.map(readKept)]
    const held = kept.reduce((sum, { count }) => sum + count, 0)
    expect(told[0]).toBe(`${whole}: ${held} of ${total} subcomponents fired, the others are left out of the graphs`)
  })

  test('observe gives the same numbers, and NaN where nothing is known', async () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')]
    await observe({ bundle: whole, ...STORY, out: a }, silent)
    await observe({ bundle: pruned, ...STORY, out: b }, silent)
    const [expected, found] = [await readTensors(a), await readTensors(b)]
    expect([...found.keys()]).toEqual([...expected.keys()])
    expect(found.get('logits')).toEqual(expected.get('logits'))
    const { manifest } = await openBundleFolder(whole)
    for (const [m, { path, c: C }] of manifest.modules.entries()) {
      for (const name of [`inner_activation/${path}`, `causal_importance/${path}`]) {
        const kept = expected.get(name)?.map((value, i) => (fires(m, i % C) ? value : Number.NaN))
        expect(found.get(name)).toEqual(kept)
      }
    }
  })

  const ask = (bundle: string, options: Partial<InterveneOptions>) =>
    intervene({ bundle, ...STORY, delta: 1, out: join(folder, 'out'), ...options }, silent)
  const first = 'model.layers.0.self_attn.q_proj'

  test('intervene ablates and keeps what is held as the whole bundle does', async () => {
    const logits = async (bundle: string, options: Partial<InterveneOptions>) => {
      await ask(bundle, options)
      return (await readTensors(join(folder, 'out'))).get('logits') ?? new Float32Array()
    }
    for (const options of [
      { ablate: `${first}:4,model.layers.1.mlp.down_proj:2@3`, delta: 1 },
      { keep: `${first}:4,model.layers.1.mlp.down_proj:2@3`, delta: 0 },
    ]) {
      const [expected, found] = [await logits(whole, options), await logits(pruned, options)]
      expect(found).toHaveLength(expected.length)
      for (const [i, value] of found.entries()) expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(2e-5)
    }
  })

  test.each([
    [
      { ablate: `${first}:5` },
      `${first}:5: not in this bundle's graphs, which leave out subcomponents that never fired`,
    ],
    [{ delta: 0.5 }, `${first}: mask 1 of subcomponents that the bundle's graphs leave out, expected delta, 0.5`],
  ])('intervene refuses what it cannot do: %j', async (options, message) => {
    await expect(ask(pruned, options)).rejects.toThrow(message)
  })

  test('refuses counts of another checkpoint, of other modules, and a folder that has none', async () => {
    const other = {
      ...(await oracleRun(oracle('gpt2-mlp'), 'pth')),
      precision: 'f32' as const,
      out: join(folder, 'no'),
    }
    await expect(convert({ ...other, keepActive: whole }, silent)).rejects.toThrow(
      /^--keep-active .*whole: of checkpoint [0-9a-f]{64}, the one to convert is [0-9a-f]{64}$/,
    )
    const changed = join(folder, 'changed')
    await convert({ ...run, out: changed }, silent)
    await addIndex(changed)
    const manifest = await readJson(changed)
    const renamed = manifest.modules.map((module, i) => (i === 0 ? { ...module, c: module.c + 1 } : module))
    await writeFile(join(changed, 'manifest.json'), JSON.stringify({ ...manifest, modules: renamed }))
    await expect(convert({ ...run, out: join(folder, 'no'), keepActive: changed }, silent)).rejects.toMatchObject({
      code: 'bundle/corrupt',
    })
    await expect(convert({ ...run, out: join(folder, 'no'), keepActive: folder }, silent)).rejects.toThrow(
      `--keep-active ${folder}: neither manifest.json nor harvest.json, expected a bundle with an index or a harvest`,
    )
  })
})

describe('convert --keep-active of a harvest', () => {
  test('leaves out what its index would; the bundle harvests the same counts again', async () => {
    const bundle = await indexedOracle(join(folder, 'indexed'))
    const harvested = join(folder, 'indexed/harvest')
    const [byHarvest, byIndex] = [join(folder, 'by-harvest'), join(folder, 'by-index')]
    await convert({ ...run, out: byHarvest, keepActive: harvested }, silent)
    await convert({ ...run, out: byIndex, keepActive: bundle }, silent)
    const [found, expected] = [await readJson(byHarvest), await readJson(byIndex)]
    expect(found.modules).toEqual(expected.modules)
    expect(found.modules.some(({ kept }) => kept !== null)).toBe(true)
    // 160 stories, 6,842 positions: test/oracles/llama-mlp-statistics.
    expect(found.pruned_by).toEqual({ source: 'harvest', threshold: 0.01, positions: 6842, stories: 160 })
    expect(expected.pruned_by).toEqual({ ...found.pruned_by, source: 'index' })

    const again = join(folder, 'again')
    await harvestOracle(byHarvest, again)
    const [whole, pruned] = [await readHarvestCounts(harvested), await readHarvestCounts(again)]
    expect(pruned.modules).toEqual(whole.modules)
  })
})

describe('convert --precision', () => {
  test('stores each part as asked, and names it', async () => {
    const out = join(folder, 'small')
    const vector = { ...(await oracleRun(oracle('llama-one-c'), 'pth')), out }
    await convert({ ...vector, precision: 'i8' }, silent)
    expect((await readJson(out)).precision).toEqual({ target: 'f16', v: 'i8', u: 'i8', ci: 'i8' })
    await convert({ ...vector, precision: 'f32', precisionCi: 'i8', precisionV: 'f16', precisionTarget: 'f16' }, silent)
    expect((await readJson(out)).precision).toEqual({ target: 'f16', v: 'f16', u: 'f32', ci: 'i8' })
  })

  test('says that CI functions of kind mlp are exact, and refuses to make them anything else', async () => {
    const out = join(folder, 'exact')
    await convert({ ...run, out, precision: 'i8' }, silent)
    expect((await readJson(out)).precision).toEqual({ target: 'f16', v: 'i8', u: 'i8', ci: 'f32' })
    await expect(convert({ ...run, out, precisionCi: 'f16' }, silent)).rejects.toThrow(
      "--precision-ci f16: the run's CI functions are of kind mlp, stored as f32 always",
    )
  })
})
