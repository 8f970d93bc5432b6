import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sqlite from 'node-sqlite3-wasm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openBundleFolder } from '../../../pipeline/node/openBundleFolder.ts'
import { verify } from '../../../pipeline/verify.ts'
import { writeIndex } from '../../../pipeline/writeIndex.ts'
import { call, checkpointBytes, dictionary, finished, global, text } from '../../core/pytorch/buildCheckpoint.ts'
import { convertOracle, recordingTerminal } from '../harvestedOracle.ts'

const oracles = fileURLToPath(new URL('../../oracles', import.meta.url))

let folder: string
let bundle: string
let harvest: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-hostile-'))
  bundle = join(folder, 'bundle')
  harvest = join(folder, 'harvest')
  await convertOracle('llama-mlp', 'model_1000.pth', bundle)
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

const index = (spdHarvest = harvest, into = bundle) =>
  writeIndex({ bundle: into, spdHarvest }, recordingTerminal().terminal)

async function copyHarvest(layout: '2026-02' | 'db'): Promise<void> {
  await rm(harvest, { recursive: true, force: true })
  await cp(join(oracles, `llama-mlp-spd-harvest-${layout}`), harvest, { recursive: true })
  for (const entry of await readdir(harvest, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
}

describe('a harvest of the layout to February 2026 is refused', () => {
  const TOKEN_STATS = 'correlations/token_stats.pt'
  const COMPONENTS = 'activation_contexts/components.jsonl'
  beforeEach(() => copyHarvest('2026-02'))

  test('for a bundle of another run', async () => {
    const other = join(folder, 'other')
    await convertOracle('llama-one-c', 'model_1020.pth', other)
    await expect(index(harvest, other)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: expect.stringMatching(
        /^token_stats\.pt: has (\d+|no) subcomponents of \S+, (a module )?the bundle (has \d+|lacks)$/,
      ),
    })
  })

  test('with a foreign global', async () => {
    const pickle = finished(dictionary(['component_keys', call(global('os', 'system'), text('true'))]))
    await writeFile(join(harvest, TOKEN_STATS), await checkpointBytes({ pickle }))
    await expect(index()).rejects.toMatchObject({
      code: 'format/unsupported',
      message: expect.stringContaining(
        'token_stats.pt, data.pkl: names the global os.system, expected a dictionary of',
      ),
    })
  })

  test('with a tensor cut off', async () => {
    await truncate(join(harvest, TOKEN_STATS), 400_000)
    await expect(index()).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'token_stats.pt: zip directory cannot be read (End of central directory not found)',
    })
  })

  test('with a line that is not JSON', async () => {
    const path = join(harvest, COMPONENTS)
    const lines = await readFile(path, 'utf8')
    await writeFile(path, `{"component_key": \n${lines}`)
    await expect(index()).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'components.jsonl, line at byte 0: not JSON',
    })
  })

  test('with a line missing', async () => {
    const path = join(harvest, COMPONENTS)
    const lines = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, lines.slice(1).join('\n'))
    await expect(index()).rejects.toMatchObject({
      code: 'format/malformed',
      message: 'components.jsonl: model.layers.0.self_attn.q_proj:0 is absent, and fires in the token statistics',
    })
  })

  test('with a config that says no threshold', async () => {
    await writeFile(join(harvest, 'activation_contexts/config.json'), '{}')
    await expect(index()).rejects.toMatchObject({
      code: 'format/malformed',
      message: expect.stringContaining('config.json: ci_threshold: Invalid key'),
    })
  })

  test('with a file missing', async () => {
    await rm(join(harvest, TOKEN_STATS))
    await expect(index()).rejects.toMatchObject({
      code: 'source/unreachable',
      message: `${join(harvest, TOKEN_STATS)}: no such file, expected with the harvest`,
    })
  })

  test('and the index that was there stays', async () => {
    await index()
    const before = await readdir(join(bundle, 'index'))
    const path = join(harvest, COMPONENTS)
    await truncate(path, 10_000)
    await expect(index()).rejects.toThrow('not JSON')
    expect(await readdir(join(bundle, 'index'))).toEqual(before)
  })
})

describe('a harvest of the layout since February 2026', () => {
  const database = () => join(harvest, 'harvest.db')
  const change = (sql: string): void => {
    const opened = new sqlite.Database(database())
    opened.exec(sql)
    opened.close()
  }
  beforeEach(() => copyHarvest('db'))

  test('is found in its only folder h-<date>_<time>', async () => {
    const inner = join(folder, 'runs', 'h-20260301_120000')
    await mkdir(join(folder, 'runs'), { recursive: true })
    await rename(harvest, inner)
    await index(join(folder, 'runs'))
    await cp(inner, join(folder, 'runs', 'h-20260302_120000'), { recursive: true })
    await expect(index(join(folder, 'runs'))).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: expect.stringContaining('none but h-20260301_120000, h-20260302_120000 there'),
    })
  })

  test('is read where nothing can be written, and leaves nothing behind', async () => {
    const before = await readdir(harvest)
    await chmod(harvest, 0o555)
    await index()
    expect(await readdir(harvest)).toEqual(before)
    await chmod(harvest, 0o755)
  })

  test('is read without co-firings, where it was made without', async () => {
    await rm(join(harvest, 'component_correlations.pt'))
    await index()
    const { manifest } = await openBundleFolder(bundle)
    expect(manifest.corpus?.sources.map(({ name }) => name)).toEqual(['harvest.db', 'token_stats.pt'])
    const { terminal, recorded } = recordingTerminal()
    await verify(bundle, terminal)
    expect(recorded.printed).toBe('')
  })

  test('is read in WAL mode, once it is complete', async () => {
    const bytes = await readFile(database())
    // Bytes 18 and 19 of the header: the versions needed to write and to read, 2 where the journal is a log.
    bytes[18] = 2
    bytes[19] = 2
    await writeFile(database(), bytes)
    await index()
    await writeFile(`${database()}-wal`, 'x')
    await expect(index()).rejects.toMatchObject({
      code: 'format/malformed',
      message: `${database()}: ${database()}-wal lies beside it, so it is being written or was broken off`,
    })
  })

  test.each([
    [
      'of another method',
      `UPDATE config SET value = '{"type":"CLTHarvestConfig","activation_threshold":0}' WHERE key = 'method_config'`,
      'format/malformed',
      'method_config.type: Invalid type: Expected "SPDHarvestConfig" but received "CLTHarvestConfig"',
    ],
    [
      'of mid-February 2026',
      'ALTER TABLE components RENAME COLUMN mean_activations TO mean_activation',
      'format/unsupported',
      'table components has columns component_key, layer, component_idx, firing_density, mean_activation, activation_examples, input_token_pmi, output_token_pmi, expected component_key, layer, component_idx, mean_activations, activation_examples',
    ],
    [
      'without its table',
      'DROP TABLE components',
      'format/unsupported',
      'table components has columns none, expected component_key, layer, component_idx, mean_activations, activation_examples',
    ],
    [
      'with a row missing',
      `DELETE FROM components WHERE component_key = 'model.layers.0.self_attn.q_proj:0'`,
      'format/malformed',
      'has 316 subcomponents, 317 fire in the token statistics',
    ],
    [
      'with rows exchanged',
      `UPDATE components SET component_idx = 1 WHERE component_key = 'model.layers.0.self_attn.q_proj:0'`,
      'format/malformed',
      'is of model.layers.0.self_attn.q_proj:1',
    ],
    [
      'with examples that are not JSON',
      `UPDATE components SET activation_examples = '[' WHERE component_idx = 0`,
      'format/malformed',
      'activation_examples: not JSON',
    ],
    [
      'with settings beyond all measure',
      `UPDATE config SET value = zeroblob(2000000) WHERE key = 'method_config'`,
      'format/too-large',
      'expected at most 1048576',
    ],
    [
      'with examples beyond all measure',
      'UPDATE components SET activation_examples = zeroblob(70000000) WHERE component_idx = 0',
      'format/too-large',
      'expected at most 67108864',
    ],
  ])('is refused %s', async (_, sql, code, finding) => {
    change(sql)
    await expect(index()).rejects.toMatchObject({ code, message: expect.stringContaining(finding) })
  })

  test('is refused if it is no database', async () => {
    await writeFile(database(), 'x'.repeat(5000))
    await expect(index()).rejects.toMatchObject({
      code: 'format/malformed',
      message: `${database()}: cannot be read (SQLite: file is not a database)`,
    })
  })
})

describe('the index command', () => {
  test('takes one harvest', async () => {
    const { terminal } = recordingTerminal()
    const message = 'index: expected --harvest or --spd-harvest, one of the two'
    await expect(writeIndex({ bundle }, terminal)).rejects.toMatchObject({ code: 'arguments/invalid', message })
    await expect(writeIndex({ bundle, harvest: 'a', spdHarvest: 'b' }, terminal)).rejects.toThrow(message)
  })

  test('refuses a folder without a harvest', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'))
    await expect(index(empty)).rejects.toMatchObject({
      code: 'arguments/invalid',
      message: `--spd-harvest ${empty}: expected harvest.db or activation_contexts/, neither there`,
    })
    await expect(index(join(empty, 'absent'))).rejects.toMatchObject({ code: 'source/unreachable' })
  })
})
