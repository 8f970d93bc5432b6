import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { queryRows, type WritableDatabase } from '../../core/bundle/IndexDatabase.ts'
import { queryModule, queryModules } from '../../core/bundle/queryModules.ts'
import { querySubcomponent, type SubcomponentRow } from '../../core/bundle/querySubcomponent.ts'
import { queryTokens } from '../../core/bundle/queryTokens.ts'
import { queryTopTokens } from '../../core/bundle/queryTopTokens.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { openBundleIndex } from '../../pipeline/node/openBundleIndex.ts'
import { indexedOracle, STATISTICS } from './harvestedOracle.ts'

const count = v.number()
const expectedSchema = v.object({
  stories: count,
  positions: count,
  'ci_within_1e-5_of_threshold': count,
  token_occurrences: v.record(v.string(), count),
  modules: v.record(
    v.string(),
    v.object({
      C: count,
      active: count,
      dead: count,
      rare: count,
      frequent: count,
      classes: v.record(v.string(), count),
      median_unique_tokens: v.number(),
      mean_l0: v.number(),
    }),
  ),
  subcomponents: v.record(
    v.string(),
    v.object({
      activation_count: count,
      unique_tokens: count,
      class: v.string(),
      mean_ci: v.number(),
      top_tokens: v.array(v.tuple([count, count])),
      high_concentration: v.boolean(),
    }),
  ),
})

let folder: string
let summary: WritableDatabase
let manifest: Awaited<ReturnType<typeof openBundleFolder>>['manifest']
let expected: v.InferOutput<typeof expectedSchema>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-statistics-'))
  const bundle = await openBundleFolder(await indexedOracle(folder))
  manifest = bundle.manifest
  summary = await (await openBundleIndex(bundle)).openSummary()
  expected = v.parse(expectedSchema, JSON.parse(await readFile(join(STATISTICS, 'expected.json'), 'utf8')))
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

/** The subcomponents of the oracle with their rows and top tokens. */
function everySubcomponent() {
  return Object.entries(expected.subcomponents).map(([address, facts]) => {
    const [path = '', c = ''] = address.split(':')
    const { moduleId } = queryModule(summary, path)
    const row: SubcomponentRow = querySubcomponent(summary, { moduleId, subcomponent: Number(c) })
    const [top = []] = queryTopTokens(summary, [row], 10)
    return { address, facts, row, top: top.map((token) => [token.tokenId, token.count]) }
  })
}

/** Firing decisions within 1e-5 of the threshold, of which rounding may flip each by one count. */
const slack = () => expected['ci_within_1e-5_of_threshold']

test('the corpus is that of the spd package of February 2026', () => {
  expect(manifest.corpus).toMatchObject({ stories: expected.stories, positions: expected.positions })
  const occurring = queryTokens(summary).filter(({ occurrences }) => occurrences > 0)
  expect(Object.fromEntries(occurring.map((row) => [`${row.tokenId}`, row.occurrences]))).toEqual(
    expected.token_occurrences,
  )
})

test('every subcomponent of the run is compared', () => {
  const rows = queryRows(summary, 'SELECT count(*) AS n FROM subcomponent', [], (row) => row.integer('n'))
  expect(rows).toEqual([Object.keys(expected.subcomponents).length])
})

test('activation counts are exact but for decisions within 1e-5 of the threshold', () => {
  const off = everySubcomponent().map(({ facts, row }) => Math.abs(row.activationCount - facts.activation_count))
  expect(off.reduce((sum, difference) => sum + difference, 0)).toBeLessThanOrEqual(slack())
})

test('unique tokens, class, concentration and top tokens are exact where no decision flipped', () => {
  const flipped = everySubcomponent().filter(({ facts, row, top }) => {
    const isEqual =
      row.activationCount === facts.activation_count &&
      row.uniqueTokens === facts.unique_tokens &&
      row.class === facts.class &&
      row.isHighConcentration === facts.high_concentration &&
      JSON.stringify(top) === JSON.stringify(facts.top_tokens)
    return !isEqual
  })
  expect(flipped.length).toBeLessThanOrEqual(slack())
})

test('mean CI is that of all positions to rounding', () => {
  // Both sum 6,842 numbers that are exact to 1e-4 (the tolerance of CI) and, but for a few, to 1e-6.
  for (const { address, facts, row } of everySubcomponent()) {
    expect(Math.abs((row.meanCi ?? Number.NaN) - facts.mean_ci), address).toBeLessThan(2e-6)
  }
})

test('module rows are exact where no decision flipped', () => {
  let off = 0
  for (const row of queryModules(summary)) {
    const facts = expected.modules[row.module]
    expect(row.c).toBe(facts?.C)
    off += Math.abs(row.meanL0 - (facts?.mean_l0 ?? 0)) * expected.positions
    if (row.meanL0 !== facts?.mean_l0) continue
    expect({ ...row.classCounts }, row.module).toEqual(facts.classes)
    expect([row.active, row.dead, row.rare, row.frequent, row.medianUniqueTokens], row.module).toEqual([
      facts.active,
      facts.dead,
      facts.rare,
      facts.frequent,
      facts.median_unique_tokens,
    ])
  }
  expect(off).toBeLessThanOrEqual(slack())
})

test('the module rows compared are most of them', () => {
  const exact = queryModules(summary).filter((row) => row.meanL0 === expected.modules[row.module]?.mean_l0)
  expect(exact.length).toBeGreaterThanOrEqual(12)
})
