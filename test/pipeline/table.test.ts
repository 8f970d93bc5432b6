import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { printTable } from '../../pipeline/table.ts'
import type { TableFormat, TableName } from '../../pipeline/tableNames.ts'
import { convertOracle, indexedOracle, recordingTerminal } from './harvestedOracle.ts'

let folder: string
let bundle: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-table-'))
  bundle = await indexedOracle(folder)
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

async function linesOf(table: TableName, format: TableFormat): Promise<string[]> {
  const { terminal, recorded } = recordingTerminal()
  await printTable(table, { bundle, format }, terminal)
  return recorded.printed.trimEnd().split(format === 'csv' ? '\r\n' : '\n')
}

test('modules have their counts, classes, median and L0', async () => {
  const [header, first, ...rest] = await linesOf('modules', 'csv')
  expect(header).toBe(
    'module,layer,kind,c,active,dead,rare,frequent,truly_monosemantic,highly_specialised,specialised,moderate,polysemantic,median_unique_tokens,mean_l0',
  )
  // Of the oracle's expected.json.
  expect(first).toBe('model.layers.0.self_attn.q_proj,0,q_proj,23,20,3,0,20,0,1,4,15,0,48,12.038439052908506')
  expect(rest).toHaveLength(13)
})

test('top tokens are JSON within a quoted field of CSV', async () => {
  const [header, ...rows] = await linesOf('subcomponents', 'csv')
  expect(header).toBe(
    'module,subcomponent,activation_count,unique_tokens,class,mean_ci,firing_density,high_concentration,top_tokens',
  )
  expect(rows).toHaveLength(364)
  const row = rows.find((line) => line.startsWith('model.layers.0.self_attn.q_proj,3,')) ?? ''
  const [plain, quoted] = row.split(',"')
  expect(plain).toMatch(/^model\.layers\.0\.self_attn\.q_proj,3,443,5,highly_specialised,0\.0137\d+,0\.0647\d+,true$/)
  // Tokens 134, 150, 135, 86, 152 of the oracle's tokenizer.
  expect(quoted?.replaceAll('""', '"')).toBe('[["##inted",107],["grand",95],["fox",84],["la",80],["had",77]]"')
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
  })
  expect(rows[3].top_tokens[0]).toEqual(['##inted', 107])
})

test('tokens come with their occurrences, those that hold a comma or quote quoted', async () => {
  const lines = await linesOf('tokens', 'csv')
  expect(lines.slice(0, 3)).toEqual(['token_id,token,occurrences', '0,[UNK],0', '1,[EOS],135'])
  expect(lines.find((line) => line.includes('","'))).toMatch(/^\d+,",",\d+$/)
  expect(lines.find((line) => line.includes('""""'))).toMatch(/^\d+,"""",\d+$/)
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
