import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTensors } from '../../bench/measureOracle.ts'
import type { Evaluation, Manifest } from '../../core/bundle/manifest.ts'
import { writeModelBundle } from '../../core/bundle/writeModelBundle.ts'
import { readDecomposition } from '../../core/decomposition/readDecomposition.ts'
import { uniformPrecision } from '../../core/graph/Precision.ts'
import { causalImportancePort, IDS } from '../../core/graph/ports.ts'
import { floatOutput } from '../../core/inference/floatOutput.ts'
import { storyIds } from '../../core/inference/storyIds.ts'
import { writeSafetensors } from '../../core/safetensors/writeSafetensors.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import { type EvaluateOptions, evaluate } from '../../pipeline/evaluate.ts'
import { intervene } from '../../pipeline/intervene.ts'
import { writeFileAtomically } from '../../pipeline/node/files.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../../pipeline/node/openBundleSession.ts'
import { observe } from '../../pipeline/observe.ts'
import { oracleFiles } from '../core/decomposition/runFiles.ts'
import { convertOracle, recordingTerminal, STORIES } from './harvestedOracle.ts'

let temporary: string
let whole: string
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'atlas-evaluate-'))
  whole = join(temporary, 'whole')
  await convertOracle('llama-mlp', 'model_1000.pth', whole)
})
afterAll(() => rm(temporary, { recursive: true }))

/** A copy of the whole bundle, its manifest changed by `change`. */
async function copyOf(name: string, change: (manifest: Manifest) => object = (manifest) => manifest): Promise<string> {
  const folder = join(temporary, name)
  await cp(whole, folder, { recursive: true })
  const { manifest } = await openBundleFolder(folder)
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(change(manifest)))
  return folder
}

async function evaluated(options: Partial<EvaluateOptions> & { readonly bundle: string }): Promise<Evaluation> {
  const { terminal } = recordingTerminal()
  await evaluate({ stories: [STORIES], field: 'story', limitPositions: 400, threads: 1, ...options }, terminal)
  const { evaluation } = (await openBundleFolder(options.bundle)).manifest
  if (evaluation === null) throw new Error('nothing was written')
  return evaluation
}

/** A bundle of the oracle in 16 bits without the subcomponents that `isDropped` names. */
async function writeReduced(folder: string, isDropped: (module: number, c: number) => boolean): Promise<void> {
  const { manifest, read } = await openBundleFolder(whole)
  const decomposition = await readDecomposition(oracleFiles('llama-mlp'))
  const kept = decomposition.modules.map(({ C }, m) =>
    Uint32Array.from(Array.from({ length: C }, (_, c) => c).filter((c) => !isDropped(m, c))),
  )
  const { checkpoint, config } = manifest.run
  const request = {
    decomposition,
    tokenizer: { name: 'tokenizer.json', text: new TextDecoder().decode(await read(manifest.tokenizer)) },
    precision: uniformPrecision('f16'),
    pruning: { kept, prunedBy: { source: 'index', threshold: 0.01, positions: 1, stories: 1 } as const },
    ...{ id: 'reduced', title: 'reduced', version: manifest.written_by, checkpoint, config },
  }
  const write = (path: string, bytes: Uint8Array | string) => writeFileAtomically(join(folder, path), bytes)
  await writeModelBundle(request, write, () => undefined)
}

/** Causal importances [T, K] of the first story, which is cut at the context, by the graph; of modules that are held. */
async function observed(bundle: string): Promise<ReadonlyMap<string, Float32Array>> {
  const folder = await openBundleFolder(bundle)
  const { tokenizer, target_model, modules } = folder.manifest
  const { encode } = createTokenizer(new TextDecoder().decode(await folder.read(tokenizer)), tokenizer)
  const [line = ''] = (await readFile(STORIES, 'utf8')).split('\n')
  const { story }: { story: string } = JSON.parse(line)
  const ids = storyIds(encode(story).ids.slice(0, target_model.context_length), target_model)
  const paths = modules.filter(({ kept }) => kept?.count !== 0).map(({ path }) => path)
  const session = await openBundleSession(folder, 'observe', { outputs: paths.map(causalImportancePort), threads: 1 })
  const outputs = await session.run({ [IDS]: ids })
  await session.close()
  return new Map(paths.map((path) => [path, floatOutput(outputs, causalImportancePort(path))]))
}

describe('evaluate', () => {
  test('writes the mean over positions of what observe and intervene give', async () => {
    const bundle = await copyOf('mean')
    const found = await evaluated({ bundle })
    const folder = await openBundleFolder(bundle)
    const { modules, target_model, tokenizer } = folder.manifest
    const { encode } = createTokenizer(new TextDecoder().decode(await folder.read(tokenizer)), tokenizer)
    const lines = (await readFile(STORIES, 'utf8')).trim().split('\n').slice(0, found.stories)
    const { terminal } = recordingTerminal()
    let [sum, positions] = [0, 0]
    for (const line of lines) {
      const { story }: { story: string } = JSON.parse(line)
      const ids = JSON.stringify(encode(story).ids.slice(0, target_model.context_length))
      const [out, masks] = [join(temporary, 'out.safetensors'), join(temporary, 'masks.safetensors')]
      await observe({ bundle, ids, out }, terminal)
      const tensors = await readTensors(out)
      const written = modules.map(({ path, c }) => {
        const data = tensors.get(`causal_importance/${path}`) ?? new Float32Array()
        return { name: `mask/${path}`, shape: [data.length / c, c], data }
      })
      await writeFile(masks, writeSafetensors(written))
      await intervene({ bundle, ids, delta: 0, masks, out }, terminal)
      const kl = (await readTensors(out)).get('kl') ?? new Float32Array()
      sum += kl.reduce((total, each) => total + each, 0)
      positions += kl.length
    }
    expect(found.positions).toBe(positions)
    expect(found.positions).toBeLessThanOrEqual(400)
    expect(found.ci_masked_kl).toBeCloseTo(sum / positions, 5)
    expect(found.module_ci_masked_kl).toHaveLength(modules.length)
    expect(Math.min(...found.module_ci_masked_kl)).toBeGreaterThan(0)
    expect(found).toMatchObject({ threshold: 0.01, ci_error: null })
    expect(found.sources).toEqual([
      { name: 'stories.jsonl', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), stories: found.stories },
    ])
  })

  test('finds no error of CI against itself', async () => {
    const bundle = await copyOf('itself')
    const { ci_error } = await evaluated({ bundle, reference: whole, threshold: 0.1 })
    expect(ci_error).toEqual({ max: 0, mean: 0, flip_share: 0, dropped_firings: 0 })
  })

  test('measures what is dropped and rounded against the whole run', async () => {
    const bundle = join(temporary, 'reduced')
    // Of every module the even subcomponents, of module 3 none.
    const isDropped = (module: number, c: number): boolean => module === 3 || c % 2 === 1
    await writeReduced(bundle, isDropped)
    const { ci_error, stories, positions, ...found } = await evaluated({ bundle, reference: whole, limitPositions: 80 })
    expect(stories).toBe(1)
    // Nothing of module 3 is held, so that its matrix gives 0, as it would with every mask at 0.
    expect(found.module_ci_masked_kl[3]).toBeGreaterThan(0.1)

    const { modules } = (await openBundleFolder(bundle)).manifest
    const [own, theirs] = [await observed(bundle), await observed(whole)]
    let [max, sum, pairs, firings, flips, dropped] = [0, 0, 0, 0, 0, 0]
    for (const [m, { path, c: C }] of modules.entries()) {
      const expected = theirs.get(path) ?? new Float32Array()
      const kept = Array.from({ length: C }, (_, c) => c).filter((c) => !isDropped(m, c))
      for (const [i, reference] of expected.entries()) {
        const column = kept.indexOf(i % C)
        const row = Math.floor(i / C)
        const ci = column === -1 ? 0 : (own.get(path)?.[row * kept.length + column] ?? Number.NaN)
        max = Math.max(max, Math.abs(ci - reference))
        sum += Math.abs(ci - reference)
        pairs += 1
        if (ci > 0.01 || reference > 0.01) firings += 1
        if (ci > 0.01 !== reference > 0.01) flips += 1
        if (column === -1 && reference > 0.01) dropped += 1
      }
    }
    expect(pairs).toBe(positions * modules.reduce((total, { c }) => total + c, 0))
    expect(dropped).toBeGreaterThan(0)
    expect(flips).toBeGreaterThan(dropped)
    expect(ci_error).toEqual({
      max: expect.closeTo(max, 4),
      mean: expect.closeTo(sum / pairs, 6),
      flip_share: expect.closeTo(flips / firings, 6),
      dropped_firings: dropped,
    })
  })

  test('counts positions of every pass', async () => {
    const bundle = await copyOf('progress')
    const shown: number[] = []
    const { terminal } = recordingTerminal()
    const onProgress: typeof terminal.onProgress = ({ done, total, unit }) => {
      expect(unit).toBe('positions')
      shown.push(done / total)
    }
    const options = { bundle, stories: [STORIES], field: 'story', limitPositions: 200, threads: 1 }
    await evaluate(options, { ...terminal, onProgress })
    expect(shown.at(-1)).toBe(1)
    expect(shown.toSorted((a, b) => a - b)).toEqual(shown)
  })

  test.each([
    [
      'another checkpoint',
      (manifest: Manifest) => ({
        ...manifest,
        run: { ...manifest.run, checkpoint: { ...manifest.run.checkpoint, sha256: '0'.repeat(64) } },
      }),
      /made from checkpoint 0{64}, expected [0-9a-f]{64}$/,
    ],
    [
      '16 bits',
      (manifest: Manifest) => ({ ...manifest, precision: { ...manifest.precision, u: 'f16' } }),
      /stores u as f16, expected f32$/,
    ],
    [
      'a part of the subcomponents',
      (manifest: Manifest) => ({
        ...manifest,
        modules: manifest.modules.map((module) => ({ ...module, kept: { count: 1, bits: 'AQAAAA==' } })),
      }),
      /leaves out subcomponents of model\.layers\.0\.self_attn\.q_proj, expected all of them$/,
    ],
    [
      'other modules',
      (manifest: Manifest) => ({ ...manifest, modules: manifest.modules.slice(1) }),
      /has the modules model/,
    ],
  ])('refuses a reference of %s and leaves the manifest as it was', async (name, change, message) => {
    const bundle = await copyOf(`bundle with ${name}`)
    const reference = await copyOf(name, change)
    const before = await readFile(join(bundle, 'manifest.json'), 'utf8')
    await expect(evaluated({ bundle, reference })).rejects.toThrow(message)
    expect(await readFile(join(bundle, 'manifest.json'), 'utf8')).toBe(before)
  })

  test('refuses a limit below the first story', async () => {
    await expect(evaluated({ bundle: whole, limitPositions: 3 })).rejects.toThrow(
      /^--limit-positions 3: the first story alone has \d+$/,
    )
  })

  test("says when the index was made from the very stories, and takes the index's threshold", async () => {
    const { sources } = await evaluated({ bundle: await copyOf('first'), limitPositions: 200 })
    const bundle = await copyOf('indexed', (manifest) => ({
      ...manifest,
      corpus: {
        source: 'stories',
        sources: sources.map((source) => ({ ...source, separator: null })),
        field: 'story',
        empty_stories: 0,
        sample: null,
        stories: 1,
        positions: 1,
        distinct_tokens: 1,
        stories_cut: 0,
        context_length: 64,
        threshold: 0.3,
        levels: [0.3],
        seed: 0,
        sample_share: 1,
        sampled_positions: 1,
        jackknife_blocks: 16,
      },
    }))
    const { terminal, recorded } = recordingTerminal()
    await evaluate({ bundle, stories: [STORIES], field: 'story', limitPositions: 200, threads: 1 }, terminal)
    expect(recorded.told[0]).toBe('stories.jsonl: the index was made from this very file')
    expect((await openBundleFolder(bundle)).manifest.evaluation?.threshold).toBe(0.3)
  })
})
