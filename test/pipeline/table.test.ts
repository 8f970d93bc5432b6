import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { printTable } from '../../pipeline/table.ts'
import type { TableFormat, TableName } from '../../pipeline/tableNames.ts'
import { writeIndex } from '../../pipeline/writeIndex.ts'
import { convertOracle, harvestOracle, indexedOracle, recordingTerminal, STORIES } from './harvestedOracle.ts'

let folder: string
let bundle: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-table-'))
  bundle = await indexedOracle(folder)
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

async function linesOf(
  table: TableName,
  format: TableFormat,
  options: { threshold?: number; bundle?: string } = {},
): Promise<string[]> {
  const { terminal, recorded } = recordingTerminal()
  await printTable(table, { bundle, format, ...options }, terminal)
  return recorded.printed.trimEnd().split(format === 'csv' ? '\r\n' : '\n')
}

test('modules have their counts, classes, median and L0', async () => {
  const [header, first, ...rest] = await linesOf('modules', 'csv')
  expect(header).toBe(
    'module,layer,kind,c,active,dead,rare,frequent,truly_monosemantic,highly_specialised,specialised,moderate,polysemantic,median_unique_tokens,mean_l0,bimodality,dead_se,rare_se,frequent_se,truly_monosemantic_se,highly_specialised_se,specialised_se,moderate_se,polysemantic_se,median_unique_tokens_se,mean_l0_se,bimodality_se',
  )
  // Of the oracle's expected.json.
  expect(first).toMatch(
    /^model\.layers\.0\.self_attn\.q_proj,0,q_proj,23,20,3,0,20,0,1,4,15,0,48,12\.038439052908506,0\.05,/,
  )
  expect(rest).toHaveLength(13)
})

test('top tokens are JSON within a quoted field of CSV', async () => {
  const [header, ...rows] = await linesOf('subcomponents', 'csv')
  expect(header).toBe(
    'module,subcomponent,activation_count,unique_tokens,class,mean_ci,firing_density,high_concentration,top_tokens,rarefied_unique_tokens',
  )
  expect(rows).toHaveLength(364)
  const row = rows.find((line) => line.startsWith('model.layers.0.self_attn.q_proj,3,')) ?? ''
  const [plain, quoted] = row.split(',"')
  expect(plain).toMatch(/^model\.layers\.0\.self_attn\.q_proj,3,443,5,highly_specialised,0\.0137\d+,0\.0647\d+,true$/)
  // Tokens 134, 150, 135, 86, 152 of the oracle's tokenizer.
  expect(quoted?.replaceAll('""', '"')).toMatch(
    /^\[\["##inted",107\],\["grand",95\],\["fox",84\],\["la",80\],\["had",77\]\]",5$/,
  )
})

test('a line of JSON is a row with the same names', async () => {
  const rows = (await linesOf('subcomponents', 'jsonl')).map((line) => JSON.parse(line))
  expect(rows[4]).toEqual({
    module: 'model.layers.0.self_attn.q_proj',
    subcomponent: 4,
    activation_count: 0,
    unique_tokens: 0,
    class: 'dead',
    mean_ci: 0,
    firing_density: 0,
    high_concentration: false,
    top_tokens: [],
    rarefied_unique_tokens: null,
  })
  expect(rows[3].top_tokens[0]).toEqual(['##inted', 107])
})

test('tokens come with their occurrences, those that hold a comma or quote quoted', async () => {
  const lines = await linesOf('tokens', 'csv')
  expect(lines.slice(0, 3)).toEqual([
    'token_id,token,occurrences,category,category_agreement,is_piece',
    '0,[UNK],0,,,false',
    '1,[EOS],135,special,1,false',
  ])
  expect(lines.find((line) => line.includes('","'))).toMatch(/^\d+,",",\d+,PUNCT,[\d.]+,false$/)
  expect(lines.find((line) => line.includes('""""'))).toBe('3,"""",0,,,false')
})

test('another threshold prints the counts of its level', async () => {
  const rows = async (threshold: number) =>
    (await linesOf('subcomponents', 'jsonl', { threshold })).map((line) => JSON.parse(line))
  const [run, above] = [await rows(0.01), await rows(0.5)]
  expect(above).toHaveLength(364)
  const sum = (counted: { activation_count: number }[]) =>
    counted.reduce((total, row) => total + row.activation_count, 0)
  expect(sum(above)).toBeGreaterThan(0)
  expect(sum(above)).toBeLessThan(sum(run))
  expect(above[3].mean_ci).toBe(run[3].mean_ci)
})

test('a level has the subcomponents of an index at its threshold, above the run’s and below', async () => {
  const other = join(folder, 'other')
  const harvest = join(folder, 'harvest-at-0.1')
  await cp(bundle, other, { recursive: true })
  await harvestOracle(bundle, harvest, 1, [STORIES], 0.1)
  await writeIndex({ bundle: other, harvest }, recordingTerminal().terminal)
  const atLow = await linesOf('subcomponents', 'csv')
  const atHigh = await linesOf('subcomponents', 'csv', { bundle: other })
  expect(atLow).not.toEqual(atHigh)
  expect(await linesOf('subcomponents', 'csv', { threshold: 0.1 })).toEqual(atHigh)
  expect(await linesOf('subcomponents', 'csv', { bundle: other, threshold: 0.01 })).toEqual(atLow)
})

test('a threshold without a level is told with those there are', async () => {
  await expect(linesOf('modules', 'csv', { threshold: 0.2 })).rejects.toThrow(
    'threshold 0.2: the index has 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9',
  )
  await expect(linesOf('co-firing', 'csv', { threshold: 0.5 })).rejects.toThrow(
    "table co-firing: known at the run's threshold alone, not at 0.5",
  )
})

test('L0 by position begins with every story', async () => {
  const [header, first] = await linesOf('l0-by-position', 'csv')
  expect(header).toBe('module,position,stories,mean_l0')
  expect(first).toMatch(/^model\.layers\.0\.self_attn\.q_proj,0,160,\d/)
})

test('categories stand beside what token frequency gives', async () => {
  const rows = (await linesOf('categories', 'jsonl')).map((line) => JSON.parse(line))
  // 14 modules of 18 categories.
  expect(rows).toHaveLength(252)
  const own = rows.filter(({ module }) => module === 'model.layers.0.self_attn.q_proj')
  const sum = (column: string) => own.reduce((total, row) => total + row[column], 0)
  expect(sum('active')).toBeCloseTo(1, 9)
  expect(sum('active_expected')).toBeCloseTo(1, 9)
  expect(sum('occurrence_share')).toBeCloseTo(1, 9)
})

test('token counts are all of them, most firings first, and add up to the activation count', async () => {
  const rows = (await linesOf('token-counts', 'jsonl')).map((line) => JSON.parse(line))
  const own = rows.filter(
    ({ module, subcomponent }) => module === 'model.layers.0.self_attn.q_proj' && subcomponent === 3,
  )
  // As the oracle has them: five tokens, 443 firings, F = 443.
  expect(own.map(({ token, count }) => [token, count])).toEqual([
    ['##inted', 107],
    ['grand', 95],
    ['fox', 84],
    ['la', 80],
    ['had', 77],
  ])
  expect(own[0].token_given_fires).toBeCloseTo(107 / 443, 12)
  const subcomponents = (await linesOf('subcomponents', 'jsonl')).map((line) => JSON.parse(line))
  expect(rows).toHaveLength(subcomponents.reduce((sum, { unique_tokens }) => sum + unique_tokens, 0))
  const firings = subcomponents.reduce((sum, { activation_count }) => sum + activation_count, 0)
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(firings)
})

test('examples come list by list with the tokens around them', async () => {
  const rows = (await linesOf('examples', 'jsonl')).map((line) => JSON.parse(line))
  const own = rows.filter(
    ({ module, subcomponent }) => module === 'model.layers.0.self_attn.q_proj' && subcomponent === 3,
  )
  expect(own.map(({ list, rank }) => `${list} ${rank}`)).toEqual([
    ...Array.from({ length: 20 }, (_, i) => `sampled ${i + 1}`),
    ...Array.from({ length: 10 }, (_, i) => `strongest ${i + 1}`),
  ])
  for (const { position, window_start, causal_importance, tokens } of own) {
    const [token, ci] = tokens[position - window_start]
    expect(['##inted', 'grand', 'fox', 'la', 'had']).toContain(token)
    expect(Math.abs(ci - causal_importance)).toBeLessThan(1 / 254)
  }
})

test('partners, output tokens and the modules of a token have a row each, under one header', async () => {
  const partners = await linesOf('co-firing', 'csv')
  expect(partners[0]).toBe(
    'module,subcomponent,partner_module,partner,count,firings,partner_firings,partner_given_fires,fires_given_partner,jaccard,pmi',
  )
  expect(partners.filter((line) => line.startsWith('module,'))).toHaveLength(1)
  expect(partners.length).toBeGreaterThan(1000)
  const outputs = await linesOf('output-tokens', 'csv')
  expect(outputs[0]).toBe('module,subcomponent,token_id,token,mass,total,fires_given_token,token_given_fires,pmi')
  const active = (await linesOf('token-modules', 'jsonl')).map((line) => JSON.parse(line))
  const uniqueTokens = (await linesOf('subcomponents', 'jsonl')).map((line) => JSON.parse(line).unique_tokens)
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  expect(sum(active.map(({ subcomponents }) => subcomponents))).toBe(sum(uniqueTokens))
})

test('a bundle without an index is told', async () => {
  const bare = join(folder, 'bare')
  await convertOracle('llama-mlp', 'model_1000.pth', bare)
  const { terminal } = recordingTerminal()
  await expect(printTable('modules', { bundle: bare, format: 'csv' }, terminal)).rejects.toMatchObject({
    code: 'bundle/missing-file',
    message: 'oracle: the bundle has no index',
  })
})
