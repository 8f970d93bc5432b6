import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePassages } from '../../core/bundle/columns/passageColumns.ts'
import { encodeTokenCountColumns } from '../../core/bundle/columns/tokenCountColumns.ts'
import { detailBlockOf } from '../../core/bundle/detailBlock.ts'
import type { WritableDatabase } from '../../core/bundle/IndexDatabase.ts'
import { type Manifest, readManifest } from '../../core/bundle/manifest.ts'
import { verify } from '../../pipeline/verify.ts'
import { indexedOracle, recordingTerminal } from './harvestedOracle.ts'

const Q_PROJ = 'model.layers.0.self_attn.q_proj'
const SUMMARY = 'index/summary.sqlite.gz'
const DETAIL = 'index/detail-0-0.sqlite.gz'
const STORIES = 'index/stories-0.sqlite.gz'

let folder: string
let pristine: string
let bundle: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-verify-'))
  pristine = await indexedOracle(folder)
  bundle = join(folder, 'changed')
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

/** A fresh copy of the bundle, changed by `change`; the differences verify prints. */
async function differencesAfter(change: () => Promise<void>): Promise<string[]> {
  await rm(bundle, { recursive: true, force: true })
  await cp(pristine, bundle, { recursive: true })
  await change()
  const { terminal, recorded } = recordingTerminal()
  await verify(bundle, terminal)
  const differences = recorded.printed.split('\n').slice(0, -1)
  expect(recorded.hasDifferences).toBe(differences.length > 0)
  expect(recorded.told.at(-1)).toMatch(new RegExp(`, ${differences.length} differences$`))
  return differences
}

async function changeManifest(change: (manifest: Manifest) => unknown): Promise<void> {
  const path = join(bundle, 'manifest.json')
  const manifest = readManifest(await readFile(path, 'utf8'), path)
  await writeFile(path, JSON.stringify(change(manifest)))
}

/** SQL to run in an index file, or what is done to it. */
type IndexChange = string | ((database: WritableDatabase) => void)

/** Changes an index file and gives the manifest its size and hashes, as whoever wrote it wrong would have. */
async function changeIndex(path: string, change: IndexChange): Promise<void> {
  const { Database } = await initSqlJs()
  const database = new Database(gunzipSync(await readFile(join(bundle, path))))
  if (typeof change === 'string') database.run(change)
  else change(database)
  const bytes = database.export()
  database.close()
  const packed = gzipSync(bytes)
  await writeFile(join(bundle, path), packed)
  const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
  const entry = {
    path,
    bytes: packed.length,
    sha256: hash(packed),
    unpacked: { bytes: bytes.length, sha256: hash(bytes) },
  }
  await changeManifest((manifest) => ({
    ...manifest,
    files: manifest.files.map((file) => (file.path === path ? entry : file)),
  }))
}

test('an index as it was written has no difference', async () => {
  expect(await differencesAfter(async () => undefined)).toEqual([])
})

describe('files', () => {
  test('a missing file is named', async () => {
    expect(await differencesAfter(() => rm(join(bundle, DETAIL)))).toEqual([`${bundle}: no ${DETAIL}`])
  })

  test('a file cut off is named with both sizes', async () => {
    const whole = (await readFile(join(pristine, 'tokenizer.json'))).length
    const change = async () => writeFile(join(bundle, 'tokenizer.json'), '{}')
    expect(await differencesAfter(change)).toEqual([`tokenizer.json: 2 bytes, expected ${whole}`])
  })

  test('a changed byte is named with both hashes', async () => {
    const change = async () => {
      const bytes = await readFile(join(bundle, 'model/weights-00.bin'))
      bytes[100] = (bytes[100] ?? 0) ^ 1
      await writeFile(join(bundle, 'model/weights-00.bin'), bytes)
    }
    const [difference, ...others] = await differencesAfter(change)
    expect(difference).toMatch(/^model\/weights-00\.bin: SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}$/)
    expect(others).toEqual([])
  })

  test('a file that the manifest does not list is named', async () => {
    const change = async () => writeFile(join(bundle, 'index/notes.txt'), 'x')
    expect(await differencesAfter(change)).toEqual(['index/notes.txt: not in the manifest'])
  })

  test('a file that is named and not listed is named', async () => {
    const change = () => changeManifest((m) => ({ ...m, files: m.files.filter(({ path }) => path !== STORIES) }))
    expect(await differencesAfter(change)).toContain(`manifest.json: names ${STORIES} and does not list it`)
  })

  test('a file that is listed and named by nothing is named', async () => {
    const change = () => changeManifest((m) => ({ ...m, index: m.index && { ...m.index, stories: [] } }))
    expect(await differencesAfter(change)).toEqual([`manifest.json: lists ${STORIES}, which nothing names`])
  })
})

describe('the manifest of the index', () => {
  test('a gap between files of detail is named', async () => {
    const change = () =>
      changeManifest((m) => ({
        ...m,
        index: m.index && { ...m.index, details: m.index.details.map((file) => ({ ...file, start: file.start + 1 })) },
      }))
    expect(await differencesAfter(change)).toContain(
      `manifest.json, detail of ${Q_PROJ}: ${DETAIL} starts at 1, expected 0`,
    )
  })

  test('another module list is named', async () => {
    const change = () => changeManifest((m) => ({ ...m, modules: m.modules.slice(1) }))
    expect(await differencesAfter(change)).toContain(
      `summary: module 0 is ${Q_PROJ} (layer 0, q_proj, 23 subcomponents), expected model.layers.0.self_attn.k_proj (layer 0, k_proj, 23 subcomponents)`,
    )
  })

  test('another number of positions is named', async () => {
    const change = () => changeManifest((m) => ({ ...m, corpus: m.corpus && { ...m.corpus, positions: 6841 } }))
    expect(await differencesAfter(change)).toContain('summary: the sum of all occurrences is 6842, expected 6841')
  })
})

/** Leaves subcomponent 3 without tokens. */
function emptyTokenCounts(detail: WritableDatabase): void {
  const { subcomponents, tokenCounts } = detailBlockOf(detail)
  const none = { tokenIds: new Uint32Array(0), counts: new Uint32Array(0) }
  const byRank = tokenCounts.map((own, i) => (subcomponents[i] === 3 ? none : own))
  const { lengths, token_ranks, counts } = encodeTokenCountColumns({ subcomponents, byRank })
  detail.run('UPDATE token_counts SET lengths = ?, token_ranks = ?, counts = ?', [lengths, token_ranks, counts])
}

/** Puts every passage 64 tokens, the longest story's, further on. */
function movePassages(detail: WritableDatabase): void {
  const { passages } = detailBlockOf(detail).examples
  const moved = passages.map((passage) => ({ ...passage, start: passage.start + 64 }))
  detail.run('UPDATE passage SET starts = ?', [encodePassages(moved).starts])
}

test.each<[string, string, IndexChange, string | RegExp]>([
  [
    'version of a file',
    SUMMARY,
    'PRAGMA user_version = 4',
    `${SUMMARY}: index has version 4, expected 3: make it again with \`index\``,
  ],
  [
    'version of a file',
    DETAIL,
    'PRAGMA user_version = 4',
    `${DETAIL}: index has version 4, expected 3: make it again with \`index\``,
  ],
  [
    'row of the summary',
    SUMMARY,
    'UPDATE module SET active = 19 WHERE module_id = 0',
    `summary, ${Q_PROJ}: active + dead is 22, expected 23`,
  ],
  [
    'row of a file of detail',
    DETAIL,
    emptyTokenCounts,
    `${DETAIL}, ${Q_PROJ}:3: the sum of the token counts is 0, expected 443`,
  ],
  [
    'window that is not the story',
    DETAIL,
    movePassages,
    new RegExp(`^${DETAIL}, ${Q_PROJ}:3, example 1: position \\d+ of story \\d+, which has \\d+$`),
  ],
  [
    'number of stories',
    STORIES,
    'DELETE FROM story WHERE story = 159',
    `${STORIES}: number of stories is 159, expected 160`,
  ],
  [
    'count of the corpus',
    SUMMARY,
    'UPDATE token SET occurrences = 100 WHERE token_id = 134',
    'stories: number of "##inted" (134) is 107, expected 100',
  ],
])('a wrong %s in %s is named', async (_, path, change, difference) => {
  const differences = await differencesAfter(() => changeIndex(path, change))
  expect(differences).toContainEqual(typeof difference === 'string' ? difference : expect.stringMatching(difference))
})

test('what cannot be read is a difference, not the end', async () => {
  const sql = "UPDATE subcomponent SET rank = 'first' WHERE module_id = 0 AND subcomponent = 3"
  expect(await differencesAfter(() => changeIndex(SUMMARY, sql))).toEqual([
    'index: column rank is a text, "first", expected a number',
  ])
})
