import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REAL_ERROR } from '../../../core/bundle/columns/roundedReals.ts'
import type { IndexDatabase } from '../../../core/bundle/IndexDatabase.ts'
import { queryCoFirings } from '../../../core/bundle/queryCoFirings.ts'
import { queryExamples } from '../../../core/bundle/queryExamples.ts'
import { queryModules } from '../../../core/bundle/queryModules.ts'
import { queryOutputTokens } from '../../../core/bundle/queryOutputTokens.ts'
import { createTokenTable, querySubcomponentTokens, queryTokens } from '../../../core/bundle/queryTokens.ts'
import { readScalarCiFunction } from '../../../core/inference/readScalarCiFunction.ts'
import { PARTNERS } from '../../../core/spd-harvest/readPartners.ts'
import { openBundleFolder } from '../../../pipeline/node/openBundleFolder.ts'
import { openBundleIndex } from '../../../pipeline/node/openBundleIndex.ts'
import { readBundleWeights } from '../../../pipeline/node/readBundleWeights.ts'
import { openSpdHarvest } from '../../../pipeline/spd-harvest/openSpdHarvest.ts'
import { printTable } from '../../../pipeline/table.ts'
import { verify } from '../../../pipeline/verify.ts'
import { writeIndex } from '../../../pipeline/writeIndex.ts'
import { convertOracle, recordingTerminal } from '../harvestedOracle.ts'

const oracles = fileURLToPath(new URL('../../oracles', import.meta.url))

const expectedSchema = v.object({
  threshold: v.number(),
  positions: v.number(),
  subcomponents: v.record(
    v.string(),
    v.object({
      activation_count: v.number(),
      unique_tokens: v.number(),
      class: v.string(),
      mean_ci: v.number(),
      top_tokens: v.array(v.tuple([v.number(), v.number()])),
    }),
  ),
  co_firing: v.record(v.string(), v.number()),
})

const rowSchema = v.object({
  module: v.string(),
  subcomponent: v.number(),
  activation_count: v.number(),
  unique_tokens: v.number(),
  class: v.string(),
  mean_ci: v.nullable(v.number()),
  top_tokens: v.array(v.tuple([v.string(), v.number()])),
})

const pairs = v.array(v.tuple([v.number(), v.number()]))
const pmiSchema = v.object({ top: pairs, bottom: pairs })
const lineSchema = v.object({ component_key: v.string(), input_token_pmi: pmiSchema, output_token_pmi: pmiSchema })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-spd-harvest-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(['2026-02', 'db'])('the harvest of llama-mlp in the layout %s', (layout) => {
  const harvest = join(oracles, `llama-mlp-spd-harvest-${layout}`)
  let bundle: string
  let expected: v.InferOutput<typeof expectedSchema>
  let summary: IndexDatabase
  let details: Map<string, IndexDatabase>

  beforeAll(async () => {
    bundle = join(folder, layout)
    await convertOracle('llama-mlp', 'model_1000.pth', bundle)
    await writeIndex({ bundle, spdHarvest: harvest }, recordingTerminal().terminal)
    expected = v.parse(expectedSchema, JSON.parse(await readFile(join(harvest, 'expected.json'), 'utf8')))
    const opened = await openBundleFolder(bundle)
    const index = await openBundleIndex(opened)
    summary = await index.openSummary()
    details = new Map()
    for (const { path, module } of opened.manifest.index?.details ?? []) details.set(module, await index.open(path))
  }, 60_000)

  const addressOf = (key: string) => {
    const [path = '', c] = key.split(':')
    const moduleId = queryModules(summary).findIndex(({ module }) => module === path)
    const detail = details.get(path)
    if (detail === undefined) throw new Error(`no detail of ${path}`)
    return { path, moduleId, subcomponent: Number(c), detail }
  }

  test('gives the table the package counts', async () => {
    const { terminal, recorded } = recordingTerminal()
    await printTable('subcomponents', { bundle, format: 'jsonl' }, terminal)
    const rows = recorded.printed.trim().split('\n')
    const tokens = queryTokens(summary)
    expect(rows).toHaveLength(364)
    for (const line of rows) {
      const row = v.parse(rowSchema, JSON.parse(line))
      const key = `${row.module}:${row.subcomponent}`
      const facts = expected.subcomponents[key]
      expect(facts, key).toBeDefined()
      expect(row, key).toMatchObject({
        activation_count: facts?.activation_count,
        unique_tokens: facts?.unique_tokens,
        class: facts?.class,
        top_tokens: facts?.top_tokens.map(([id, count]) => [tokens[id]?.token, count]),
      })
      if (row.activation_count > 0) {
        expect(Math.abs((row.mean_ci ?? Number.NaN) - (facts?.mean_ci ?? 0)), key).toBeLessThan(1e-6)
      } else {
        // The package's files do not say, unless the threshold is 0; it is at most the threshold.
        expect(row.mean_ci, key).toBe(expected.threshold === 0 ? 0 : null)
        expect(facts?.mean_ci, key).toBeLessThanOrEqual(expected.threshold)
      }
    }
  })

  test('says what it is and is not', async () => {
    const { manifest } = await openBundleFolder(bundle)
    expect(manifest.corpus).toEqual({
      source: 'spd-harvest',
      sources: [
        layout === 'db'
          ? { name: 'harvest.db', bytes: 1818624 }
          : { name: 'components.jsonl', bytes: expect.any(Number) },
        { name: 'token_stats.pt', bytes: expect.any(Number) },
        { name: 'component_correlations.pt', bytes: 1079517 },
      ],
      wandb_path: 'spd-atlas/oracle/runs/s-00000000',
      positions: expected.positions,
      distinct_tokens: queryTokens(summary).filter(({ occurrences }) => occurrences > 0).length,
      threshold: expected.threshold,
    })
    expect(manifest.index?.stories).toEqual([])
  })

  test('gives the pairs that are active together', async () => {
    const checked = { listed: 0, behind: 0 }
    for (const [pair, n] of Object.entries(expected.co_firing)) {
      const [one = '', other = ''] = pair.split(' & ')
      for (const [key, partnerKey] of [
        [one, other],
        [other, one],
      ] as const) {
        const address = addressOf(key)
        const partner = addressOf(partnerKey)
        const rows = queryCoFirings(address.detail, summary, address, expected.positions) ?? []
        const row = rows.find(
          ({ moduleId, subcomponent }) => moduleId === partner.moduleId && subcomponent === partner.subcomponent,
        )
        if (row === undefined) {
          checked.behind++
          expect(rows[PARTNERS - 1]?.count, pair).toBeGreaterThanOrEqual(n)
        } else {
          checked.listed++
          expect(row.count, pair).toBe(n)
          const F = expected.subcomponents[key]?.activation_count ?? 0
          const Fd = expected.subcomponents[partnerKey]?.activation_count ?? 0
          expect(row.jaccard, pair).toBeCloseTo(n / (F + Fd - n), 12)
        }
      }
    }
    expect(checked.listed + checked.behind).toBe(80)
    expect(checked.listed).toBeGreaterThan(15)
  })

  test('reads every expected pair from the matrix', async () => {
    const { manifest } = await openBundleFolder(bundle)
    const modules = manifest.modules.map(({ path, c }) => ({ path, C: c }))
    const opened = await openSpdHarvest(harvest, modules, manifest.target_model.vocabulary_size)
    const rowOf = (key: string): number => {
      const { moduleId, subcomponent } = addressOf(key)
      return (opened.stats.modules[moduleId]?.start ?? 0) + subcomponent
    }
    for (const [pair, n] of Object.entries(expected.co_firing)) {
      const [row = 0, column = 0] = pair.split(' & ').map(rowOf)
      expect((await opened.coFirings?.counts.readRows(row, row + 1))?.[column], pair).toBe(n)
    }
    await opened.close()
  })

  test('gives examples whose causal importance is that of their inner activation', async () => {
    const opened = await openBundleFolder(bundle)
    const readWeight = await readBundleWeights(opened, 'observe')
    const table = createTokenTable(queryTokens(summary))
    const counts = { all: 0, mixed: 0 }
    for (const [moduleId, module] of opened.manifest.modules.entries()) {
      const ciFunction = readScalarCiFunction(opened.manifest.run, module, readWeight)
      const detail = details.get(module.path)
      if (ciFunction === null || detail === undefined) throw new Error(`${module.path} cannot be evaluated`)
      for (let c = 0; c < module.c; c++) {
        const examples = queryExamples(detail, table, c)
        const facts = expected.subcomponents[`${module.path}:${c}`]
        expect(examples, `${moduleId}:${c}`).toHaveLength(Math.min(10, facts?.activation_count ?? 0))
        for (const { story, tokens, position, causalImportance, innerActivation } of examples) {
          // The index rounds both to twelve bits: a causal importance of an inner activation that rounds to this one.
          const found = [-REAL_ERROR, 0, REAL_ERROR].map((error) => {
            const inner = new Float32Array(module.c)
            inner[c] = (innerActivation ?? Number.NaN) * (1 + error)
            return ciFunction.evaluate(inner, 1)[c] ?? Number.NaN
          })
          counts.all++
          const slack = 1e-4 + causalImportance * REAL_ERROR
          const isOfInner =
            causalImportance > Math.min(...found) - slack && causalImportance < Math.max(...found) + slack
          if (!isOfInner) counts.mixed++
          expect(causalImportance).toBeGreaterThan(expected.threshold * (1 - REAL_ERROR))
          expect(story).toBeNull()
          expect(Math.abs((tokens[position]?.causalImportance ?? 0) - causalImportance)).toBeLessThan(1 / 500)
        }
      }
    }
    // The package mixes a few windows of its second layout, see readCutWindow.
    expect(counts.mixed).toBe(layout === 'db' ? 2 : 0)
    expect(counts.all).toBeGreaterThan(3000)
  })

  test('passes verify', async () => {
    const { terminal, recorded } = recordingTerminal()
    await verify(bundle, terminal)
    expect(recorded.printed).toBe('')
    expect(recorded.hasDifferences).toBe(false)
  })

  test.runIf(layout === '2026-02')('gives the token associations the package gives', async () => {
    const table = createTokenTable(queryTokens(summary))
    const lines = createInterface({ input: createReadStream(join(harvest, 'activation_contexts/components.jsonl')) })
    let checked = 0
    for await (const text of lines) {
      const line = v.parse(lineSchema, JSON.parse(text))
      const { detail, ...address } = addressOf(line.component_key)
      const input = querySubcomponentTokens(detail, table, address.subcomponent)
      const output = queryOutputTokens(detail, summary, table, address) ?? []
      // The index rounds the masses of output tokens to twelve bits, which moves their logarithms as much.
      for (const [rows, { top }, slack] of [
        [input, line.input_token_pmi, 1e-5],
        [output, line.output_token_pmi, 1e-5 + REAL_ERROR],
      ] as const) {
        for (const [tokenId, pmi] of top) {
          const row = rows.find((candidate) => candidate.tokenId === tokenId)
          // The package ranks tokens however seldom they are expected; the index from 5 positions on.
          if (row === undefined && rows === output && (table.byId.get(tokenId)?.occurrences ?? 0) < 10) continue
          const error = Math.abs((row?.pmi ?? Number.NaN) - pmi)
          expect(error, `${line.component_key}, token ${tokenId}`).toBeLessThan(slack)
          checked++
        }
      }
    }
    expect(checked).toBeGreaterThan(3000)
  })
})
