import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { oracleRun, readTensors } from '../../bench/measureOracle.ts'
import type { Progress } from '../../core/progress/Progress.ts'
import { writeSafetensors } from '../../core/safetensors/writeSafetensors.ts'
import { type ConvertOptions, convert } from '../../pipeline/convert.ts'
import { type InterveneOptions, intervene } from '../../pipeline/intervene.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { observe } from '../../pipeline/observe.ts'

const oracle = fileURLToPath(new URL('../oracles/llama-mlp', import.meta.url))
const demoTokenizer = fileURLToPath(new URL('../../training/runs/demo/target/tokenizer.json', import.meta.url))

let folder: string
let bundle: string
let run: Omit<ConvertOptions, 'out'>
const silent = { tell: () => undefined, onProgress: () => undefined }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-convert-'))
  bundle = join(folder, 'little')
  run = { ...(await oracleRun(oracle, 'pth')), precision: 'f32' }
})
afterEach(() => rm(folder, { recursive: true }))

async function tree(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
}

describe('convert', () => {
  test('writes a bundle whose manifest lists every file but itself', async () => {
    await convert({ ...run, out: bundle }, silent)
    const { manifest } = await openBundleFolder(bundle)
    expect((await tree(folder)).toSorted()).toEqual([
      'little/manifest.json',
      'little/model/intervene.onnx',
      'little/model/observe.onnx',
      'little/model/weights-00.bin',
      'little/model/weights-01.bin',
      'little/model/write-norms.bin',
      'little/tokenizer.json',
    ])
    expect(manifest.files.map(({ path }) => path).toSorted()).toEqual([
      'model/intervene.onnx',
      'model/observe.onnx',
      'model/weights-00.bin',
      'model/weights-01.bin',
      'model/write-norms.bin',
      'tokenizer.json',
    ])
    expect(manifest).toMatchObject({
      id: 'little',
      title: 'little',
      precision: { target: 'f32', v: 'f32', u: 'f32', ci: 'f32' },
      pruned_by: null,
      evaluation: null,
      corpus: null,
      index: null,
    })
    expect(manifest.run).toMatchObject({ step: 1000, ci_kind: 'mlp', ci_hidden: [6] })
    // Width 32, MLP 44, vocabulary 153, 4 query and 2 key/value heads of 8, two blocks, tied:
    // 153·32 + 2·(32·32 + 2·16·32 + 32·32 + 3·32·44 + 2·32) + 32 = 19,648.
    expect(manifest.target_model.parameters).toBe(19_648)
  })

  test('writes the same bytes twice', async () => {
    await convert({ ...run, out: bundle }, silent)
    const first = await Promise.all((await tree(bundle)).map((path) => readFile(join(bundle, path))))
    await convert({ ...run, out: bundle }, silent)
    const second = await Promise.all((await tree(bundle)).map((path) => readFile(join(bundle, path))))
    expect(second).toEqual(first)
    expect(await readdir(folder)).toEqual(['little'])
  })

  test('tells progress that ends at its total', async () => {
    const seen = new Map<string, Progress>()
    await convert({ ...run, out: bundle }, { ...silent, onProgress: (progress) => seen.set(progress.label, progress) })
    const { manifest } = await openBundleFolder(bundle)
    const weights = manifest.files
      .filter(({ path }) => /weights-\d+\.bin$/.test(path))
      .reduce((sum, { bytes }) => sum + bytes, 0)
    const { bytes } = manifest.run.checkpoint
    expect([...seen.values()]).toEqual([
      { label: 'hashing the checkpoint', done: bytes, total: bytes, unit: 'bytes' },
      { label: 'writing weights', done: weights, total: weights, unit: 'bytes' },
      { label: 'faithfulness', done: 14, total: 14, unit: 'modules' },
    ])
  })

  test('refuses a folder that is no bundle, and leaves it alone', async () => {
    await mkdir(bundle)
    await writeFile(join(bundle, 'thesis.txt'), 'draft')
    await expect(convert({ ...run, out: bundle }, silent)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: `--out ${bundle}: exists and has no manifest.json`,
    })
    expect(await tree(folder)).toEqual(['little/thesis.txt'])
  })

  test("refuses a folder with somebody else's manifest.json", async () => {
    await mkdir(bundle)
    await writeFile(join(bundle, 'manifest.json'), '{"name": "a web app"}')
    await expect(convert({ ...run, out: bundle }, silent)).rejects.toMatchObject({ code: 'bundle/corrupt' })
    expect(await tree(folder)).toEqual(['little/manifest.json'])
  })

  test('refuses a tokenizer whose ids exceed the vocabulary, and leaves nothing behind', async () => {
    await expect(convert({ ...run, tokenizer: demoTokenizer, out: bundle }, silent)).rejects.toMatchObject({
      code: 'tokenizer/vocabulary',
      message: "tokenizer: ids up to 4095, expected below the target model's vocabulary of 153",
    })
    expect(await tree(folder)).toEqual([])
  })

  test('refuses an id that no link can carry', async () => {
    await expect(convert({ ...run, out: bundle, id: 'a b' }, silent)).rejects.toThrow(
      '--id "a b": expected letters, digits, ".", "_" and "-"',
    )
  })

  test('names a file that is not there', async () => {
    const checkpoint = join(folder, 'model_5.pth')
    await expect(convert({ ...run, out: bundle, checkpoint }, silent)).rejects.toMatchObject({
      code: 'source/unreachable',
      message: `${checkpoint}: cannot be read (ENOENT)`,
    })
  })
})

describe('observe', () => {
  beforeEach(() => convert({ ...run, out: bundle }, silent))

  test('encodes a text as the tokenizer ends it', async () => {
    const [byText, byIds] = [join(folder, 'text'), join(folder, 'ids')]
    await observe({ bundle, text: 'Mia found a kite, and Leo smiled!', out: byText }, silent)
    await observe({ bundle, ids: '[88, 43, 136, 9, 72, 4, 57, 85, 31, 98, 144, 2, 1]', out: byIds }, silent)
    expect(await readFile(byText)).toEqual(await readFile(byIds))
  })

  test.each([
    [{ ids: '[]' }, 'story/empty', 'story: 0 tokens, expected at least 1'],
    [{ ids: '[5,153]' }, 'arguments/invalid', 'story: token id 153, expected 0 to 152'],
    [{ ids: '[1,' }, 'arguments/invalid', '--ids [1,: expected a list of token ids, e.g. [1, 2]'],
    [{ ids: '[1]', text: 'a' }, 'arguments/invalid', 'story: expected one of --text and --ids'],
    [{}, 'arguments/invalid', 'story: expected one of --text and --ids'],
    [{ ids: JSON.stringify(Array(10_000).fill(1)) }, 'story/too-long', 'story: 10000 tokens, expected at most 64'],
  ])('refuses %#', async (story, code, message) => {
    const out = join(folder, 'out')
    await expect(observe({ bundle, ...story, out }, silent)).rejects.toMatchObject({ code, message })
  })

  test('names a bundle file that is missing, and one that is corrupt', async () => {
    const story = { bundle, ids: '[1]', out: join(folder, 'out') }
    const path = join(bundle, 'model/weights-01.bin')
    const bytes = await readFile(path)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    await writeFile(path, bytes)
    await expect(observe(story, silent)).rejects.toMatchObject({ code: 'bundle/corrupt' })
    await rm(path)
    await expect(observe(story, silent)).rejects.toMatchObject({
      code: 'bundle/missing-file',
      message: `${bundle}: no model/weights-01.bin`,
    })
    await rm(bundle, { recursive: true })
    await expect(observe(story, silent)).rejects.toMatchObject({
      code: 'bundle/missing-file',
      message: `${bundle}: no manifest.json`,
    })
  })
})

describe('intervene', () => {
  beforeEach(() => convert({ ...run, out: bundle }, silent))
  const module = 'model.layers.0.self_attn.q_proj'

  const ask = (options: Partial<InterveneOptions>) =>
    intervene({ bundle, ids: '[3, 1, 4]', delta: 1, out: join(folder, 'out'), ...options }, silent)

  test('gives a divergence of 0 where nothing is masked, and above 0 where something is', async () => {
    await ask({})
    const untouched = (await readTensors(join(folder, 'out'))).get('kl')
    expect(untouched).toHaveLength(3)
    expect(Math.max(...(untouched ?? []))).toBeLessThan(1e-9)
    // Ablated at position 1 only: position 0 cannot tell, causal as attention is.
    await ask({ ablate: `${module}:0@1,model.layers.0.mlp.down_proj:2@1` })
    const [first = 1, second = 0] = (await readTensors(join(folder, 'out'))).get('kl') ?? []
    expect(first).toBeLessThan(1e-9)
    expect(second).toBeGreaterThan(1e-6)
  })

  test.each([
    [{ keep: 'l0.q:1', ablate: 'l0.q:2' }, '--keep sets every mask, expected without --masks and --ablate'],
    [{ ablate: 'l0.q:1@3' }, 'l0.q:1@3: no position "3", expected 0 to 2'],
    [{ ablate: 'l0.q:23' }, 'l0.q:23: no subcomponent "23" in model.layers.0.self_attn.q_proj, expected 0 to 22'],
  ])('refuses %j', async (options, message) => {
    await expect(ask(options)).rejects.toThrow(message)
  })

  test('refuses masks of another shape or of no module', async () => {
    const masks = join(folder, 'masks')
    await writeFile(masks, writeSafetensors([{ name: `mask/${module}`, shape: [2, 23], data: new Float32Array(46) }]))
    await expect(ask({ masks })).rejects.toThrow(`${masks}: mask/${module} has shape [2, 23], expected [3, 23]`)
    await writeFile(masks, writeSafetensors([{ name: 'mask/q', shape: [3, 23], data: new Float32Array(69) }]))
    await expect(ask({ masks })).rejects.toMatchObject({
      code: 'address/unknown',
      message: `${masks}: no module for mask/q, expected mask/<module>`,
    })
  })
})
