import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { causalImportancePort, IDS, innerActivationPort, LOGITS } from '../../core/graph/ports.ts'
import { composeBatches } from '../../core/inference/composeBatches.ts'
import { floatOutput } from '../../core/inference/floatOutput.ts'
import { CI_UNIT } from '../../core/statistics/Activity.ts'
import { activationBin } from '../../core/statistics/activationBin.ts'
import { blockOf } from '../../core/statistics/BatchLayout.ts'
import { tokenCountsAt } from '../../core/statistics/FiringCounts.ts'
import { sampledFirings } from '../../core/statistics/FiringSample.ts'
import { addressHash, firingHash, positionHash } from '../../core/statistics/firingHash.ts'
import type { SampledPositions } from '../../core/statistics/SampledPositions.ts'
import { SAMPLE_SEED } from '../../core/statistics/samplePositions.ts'
import { topTokens, totalCount } from '../../core/statistics/TokenCounts.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import { type BundleFolder, openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../../pipeline/node/openBundleSession.ts'
import { type Counted, countStories } from './countStories.ts'
import { convertOracle, STATISTICS, STORIES } from './harvestedOracle.ts'

const LEVELS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9]
const THRESHOLD = 0.01
const SEED = 3
const SHARE = 0.25

let folder: string
let bundle: BundleFolder
let stories: readonly Uint32Array[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-count-'))
  await convertOracle('llama-mlp', 'model_1000.pth', join(folder, 'bundle'))
  bundle = await openBundleFolder(join(folder, 'bundle'))
  const { tokenizer, target_model } = bundle.manifest
  const { encode } = createTokenizer(new TextDecoder().decode(await bundle.read(tokenizer)), tokenizer)
  const lines = (await readFile(STORIES, 'utf8')).trim().split('\n')
  stories = lines.map((line) => {
    const { story } = v.parse(v.object({ story: v.string() }), JSON.parse(line))
    return Uint32Array.from(encode(story).ids.slice(0, target_model.context_length))
  })
})
afterAll(() => rm(folder, { recursive: true }))

const options = { levels: LEVELS, threshold: THRESHOLD, seed: SEED, sampleShare: SHARE }

/** One firing or position of one subcomponent, as the graph gives it. */
interface Seen {
  readonly story: number
  readonly position: number
  readonly tokenId: number
  readonly ci: number
  readonly h: number
}

describe('every quantity against one counted the long way', () => {
  let counted: Counted
  /** By module and subcomponent, all positions. */
  let seen: Seen[][][]
  let outputs: { story: number; position: number; tokenId: number; logits: Float32Array }[]
  beforeAll(async () => {
    counted = await countStories(bundle, stories, { ...options, isGraphCi: true, batches: stories.map((_, i) => [i]) })
    seen = bundle.manifest.modules.map(({ c }) => Array.from({ length: c }, () => []))
    outputs = []
    const session = await openBundleSession(bundle, 'observe', { outputs: null, threads: 1 })
    const V = bundle.manifest.target_model.vocabulary_size
    for (const [story, ids] of stories.entries()) {
      const data = BigInt64Array.from(ids, BigInt)
      const made = await session.run({ [IDS]: { type: 'int64', data, dims: [1, ids.length] } })
      for (const [position, tokenId] of ids.entries()) {
        const logits = floatOutput(made, LOGITS).slice(position * V, (position + 1) * V)
        outputs.push({ story, position, tokenId, logits })
        for (const [i, { path, c: C }] of bundle.manifest.modules.entries()) {
          const ci = floatOutput(made, causalImportancePort(path))
          const h = floatOutput(made, innerActivationPort(path))
          for (let c = 0; c < C; c++) {
            const at = position * C + c
            seen[i]?.[c]?.push({ story, position, tokenId, ci: ci[at] ?? 0, h: h[at] ?? 0 })
          }
        }
      }
    }
    await session.close()
  })

  /** Every subcomponent with all its positions, what is counted of its module, and the numbers of an array's row. */
  function eachSubcomponent(
    check: (all: readonly Seen[], module: Counted['modules'][number], c: number, path: string) => void,
  ): void {
    for (const [i, { path }] of bundle.manifest.modules.entries()) {
      const module = counted.modules[i]
      if (module === undefined) throw new Error(`no module ${i}`)
      for (const [c, all] of (seen[i] ?? []).entries()) check(all, module, c, path)
    }
  }
  const row = (array: Uint32Array | Float64Array, c: number, width: number): number[] => [
    ...array.subarray(c * width, (c + 1) * width),
  ]
  const binOf = (ci: number): number => LEVELS.filter((level) => ci > level).length
  const isActive = ({ ci }: Seen): boolean => ci > THRESHOLD
  const tally = (length: number, indices: readonly number[]): number[] =>
    Array.from({ length }, (_, index) => indices.filter((i) => i === index).length)

  test('sums of CI', () => {
    eachSubcomponent((all, { activity }, c) => {
      expect(activity.ciSums[c]).toBe(all.reduce((sum, { ci }) => sum + Math.round(ci / CI_UNIT), 0))
    })
  })

  test('positions at every level, firings by block, histograms', () => {
    eachSubcomponent((all, { activity }, c) => {
      const bins = all.map(({ ci }) => binOf(ci)).filter((bin) => bin > 0)
      expect(row(activity.binCounts, c, 9)).toEqual(tally(10, bins).slice(1))
      const active = all.filter(isActive)
      expect(row(activity.blockCounts, c, 16)).toEqual(
        tally(
          16,
          active.map(({ story }) => blockOf(SEED, story)),
        ),
      )
      const steps = active.map(({ ci }) => Math.min(19, Math.floor(20 * ci)))
      expect(row(activity.ciHistogram, c, 20)).toEqual(tally(20, steps))
      expect(row(activity.activationHistogram, c, 64)).toEqual(
        tally(
          64,
          active.map(({ h }) => activationBin(h)),
        ),
      )
    })
  })

  test('inner activations of the sampled positions, active or not', () => {
    const isSampled = ({ story, position }: Seen) => positionHash(SEED ^ SAMPLE_SEED, story, position) < SHARE * 2 ** 32
    eachSubcomponent((all, { activity }, c) => {
      const bins = all.filter(isSampled).map(({ h }) => activationBin(h))
      expect(row(activity.sampledActivationHistogram, c, 64)).toEqual(tally(64, bins))
    })
  })

  test('token counts in every bin with the blocks they are in', () => {
    eachSubcomponent((all, { counts }, c) => {
      const entries = new Map<string, { count: number; blocks: number }>()
      for (const { tokenId, ci, story } of all) {
        const key = `${tokenId} ${binOf(ci)}`
        const entry = entries.get(key) ?? { count: 0, blocks: 0 }
        if (binOf(ci) > 0) {
          entries.set(key, { count: entry.count + 1, blocks: entry.blocks | (1 << blockOf(SEED, story)) })
        }
      }
      const found = new Map<string, { count: number; blocks: number }>()
      for (let i = counts.starts[c] ?? 0; i < (counts.starts[c + 1] ?? 0); i++) {
        const key = `${counts.tokenIds[i]} ${counts.bins[i]}`
        found.set(key, { count: counts.counts[i] ?? 0, blocks: counts.blocks[i] ?? 0 })
      }
      expect(found).toEqual(entries)
    })
  })

  test('active subcomponents by position', () => {
    for (const [i, { activity }] of counted.modules.entries()) {
      const expected = new Array<number>(64 * 9).fill(0)
      for (const all of seen[i] ?? []) {
        for (const { ci, position } of all) {
          const bin = binOf(ci)
          if (bin > 0) expected[position * 9 + bin - 1] = (expected[position * 9 + bin - 1] ?? 0) + 1
        }
      }
      expect([...activity.l0ByPosition]).toEqual(expected)
    }
  })

  test('the uniform sample and the strongest, with the CI around them', () => {
    const byPlace = (a: Seen, b: Seen): number => a.story - b.story || a.position - b.position
    eachSubcomponent((all, { activity }, c, path) => {
      const active = all.filter(isActive)
      const hashOf = ({ story, position }: Seen) =>
        firingHash(positionHash(SEED, story, position), addressHash(path, c))
      const places = new Map(all.map((one, at) => [one, at]))
      const window = (one: Seen): number[] =>
        Array.from({ length: 7 }, (_, w) => {
          const other = all[(places.get(one) ?? 0) - 3 + w]
          const ci = other?.story === one.story ? other.ci : 0
          return ci > THRESHOLD ? 1 + Math.round(254 * Math.min(ci, 1)) : 0
        })
      const described = (one: Seen) => [one.story, one.position, one.ci, one.h, window(one)]
      const kept = (sample: Parameters<typeof sampledFirings>[0]) =>
        sampledFirings(sample, c).map((one) => [
          one.story,
          one.position,
          one.causalImportance,
          one.innerActivation,
          [...one.window],
        ])
      const uniform = active.toSorted((a, b) => hashOf(a) - hashOf(b) || byPlace(a, b)).slice(0, 4)
      expect(kept(activity.sampled)).toEqual(uniform.map(described))
      const strongest = active.toSorted((a, b) => Math.abs(b.h) - Math.abs(a.h) || byPlace(a, b)).slice(0, 3)
      expect(kept(activity.strongest)).toEqual(strongest.map(described))
    })
  })

  test('the sampled positions: what is active together, and what comes next', () => {
    const chosen = outputs.filter((o) => positionHash(SEED ^ SAMPLE_SEED, o.story, o.position) < SHARE * 2 ** 32)
    expect(chosen.length).toBeGreaterThan(1000)
    const indexOf = new Map(outputs.map((o, i) => [o, i]))
    const expected = chosen.map((o) => {
      const at = indexOf.get(o) ?? 0
      const largest = Math.max(...o.logits)
      const weights = [...o.logits].map((logit) => Math.exp(logit - largest))
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      return {
        place: [o.story, o.position, o.tokenId],
        active: seen.map((module) => module.flatMap((all, c) => ((all[at]?.ci ?? 0) > THRESHOLD ? [c] : []))),
        next: weights.flatMap((weight, token) =>
          weight / total >= 2 ** -12 ? [[token, Math.round((weight / total) * 2 ** 24)]] : [],
        ),
      }
    })
    expect(counted.sampledPositions.flatMap(rowsOf)).toEqual(expected)
  })

  test('tokens, lengths and blocks of the corpus', () => {
    const { corpus } = counted
    const positions = outputs.length
    expect(corpus).toMatchObject({ storyCount: 160, positionCount: positions })
    expect([...corpus.occurrences]).toEqual(
      tally(
        corpus.occurrences.length,
        outputs.map((o) => o.tokenId),
      ),
    )
    expect([...corpus.storiesByPosition]).toEqual(
      tally(
        64,
        outputs.map((o) => o.position),
      ),
    )
    expect([...corpus.blockPositions]).toEqual(
      tally(
        16,
        outputs.map((o) => blockOf(SEED, o.story)),
      ),
    )
  })
})

function rowsOf(block: SampledPositions) {
  const entries = (starts: Uint32Array, ids: Uint32Array, r: number) => [...ids.subarray(starts[r], starts[r + 1])]
  return Array.from({ length: block.rowCount }, (_, r) => {
    const next = entries(block.outputs.starts, block.outputs.tokenIds, r)
    const probabilities = entries(block.outputs.starts, block.outputs.probabilities, r)
    return {
      place: [block.stories[r], block.positions[r], block.tokenIds[r]],
      active: block.modules.map(({ starts, subcomponents }) => entries(starts, subcomponents, r)),
      next: next.map((token, i) => [token, probabilities[i]]),
    }
  })
}

describe('against the spd package', () => {
  test('counts, unique tokens and top tokens exactly, mean CI within 1e-6, in batches', async () => {
    const schema = v.object({
      subcomponents: v.record(
        v.string(),
        v.object({
          activation_count: v.number(),
          unique_tokens: v.number(),
          mean_ci: v.number(),
          top_tokens: v.array(v.tuple([v.number(), v.number()])),
        }),
      ),
    })
    const expected = v.parse(
      schema,
      JSON.parse(await readFile(join(STATISTICS, 'expected.json'), 'utf8')),
    ).subcomponents
    const batches = composeBatches(
      stories.map((ids) => ids.length),
      500,
    )
    expect(Math.max(...batches.map((batch) => batch.length))).toBeGreaterThan(5)
    const counted = await countStories(bundle, stories, { ...options, batches })
    const level = LEVELS.indexOf(THRESHOLD)
    let checked = 0
    for (const [i, { path, c: C }] of bundle.manifest.modules.entries()) {
      const module = counted.modules[i]
      for (let c = 0; c < C && module !== undefined; c++) {
        const oracle = expected[`${path}:${c}`]
        const counts = tokenCountsAt(module.counts, c, level)
        expect(totalCount(counts)).toBe(oracle?.activation_count)
        expect(counts.counts).toHaveLength(oracle?.unique_tokens ?? -1)
        const top = topTokens(counts, 10).map(({ tokenId, count }) => [tokenId, count])
        expect(top).toEqual(oracle?.top_tokens.slice(0, 10))
        const mean = ((module.activity.ciSums[c] ?? 0) * CI_UNIT) / counted.corpus.positionCount
        expect(Math.abs(mean - (oracle?.mean_ci ?? 2))).toBeLessThan(1e-6)
        checked += 1
      }
    }
    expect(checked).toBe(Object.keys(expected).length)
  })
})
