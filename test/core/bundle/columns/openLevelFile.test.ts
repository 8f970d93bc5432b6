import { expect, test } from 'vitest'
import type { SqlValue, WritableDatabase } from '../../../../core/bundle/IndexDatabase.ts'
import { openLevelFile } from '../../../../core/bundle/openLevelFile.ts'
import { querySubcomponentRows } from '../../../../core/bundle/querySubcomponent.ts'
import { queryTokens } from '../../../../core/bundle/queryTokens.ts'
import { queryTopTokens, SUMMARY_TOP_TOKENS } from '../../../../core/bundle/queryTopTokens.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { openEngine, openFullIndex } from '../smallIndex.ts'
import { expectCorrupt } from './columnChecks.ts'

const LEVEL = 'index/level-0.5.sqlite'
const engine = await openEngine()
const summary = await openFullIndex('index/summary.sqlite')

/** The level of 0.5 after `sql`, opened as the atlas does. */
async function openChanged(sql: string, values: SqlValue[] = []): Promise<() => WritableDatabase> {
  const database = await openFullIndex(LEVEL)
  database.run(sql, values)
  const bytes = database.export()
  database.close()
  return () => openLevelFile(engine, bytes, LEVEL, summary)
}

test('an opened level has the tables of the summary, counted at its own threshold', async () => {
  const level = (await openChanged('PRAGMA user_version = 3'))()
  const rows = querySubcomponentRows(level)
  // CI above 0.5, by hand: first.q_proj 0 twice, 1 once, second.up_proj 1 three times.
  expect(rows.map(({ activationCount }) => activationCount)).toEqual([2, 1, 0, 0, 3])
  expect(rows.map(({ rank }) => rank)).toEqual([1, 2, null, null, 1])
  expect(queryTokens(level)).toEqual(queryTokens(summary))
  expect(queryTopTokens(level, rows.slice(4), SUMMARY_TOP_TOKENS)).toMatchObject([
    [
      { tokenId: 3, count: 2 },
      { tokenId: 0, count: 1 },
    ],
  ])
})

test('refuses a sign that is neither 1 nor −1', async () => {
  for (const sign of [0, 2, -2]) {
    const open = await openChanged('UPDATE difference SET sign = ?', [sign])
    expectCorrupt(open, `${LEVEL}: difference: sign ${sign}, expected 1 or −1`)
  }
})

test('refuses the other sign, by which counts exceed those of the summary or fall below 0', async () => {
  const open = await openChanged('UPDATE difference SET sign = 1, activation_counts = ?', [
    encodeVarints([2 ** 32 - 1, 0, 0, 0, 0]),
  ])
  expectCorrupt(open, `${LEVEL}: difference, activation_counts: 4294967298`)
  const below = await openChanged('UPDATE difference SET activation_counts = ?', [encodeVarints([4, 0, 0, 0, 0])])
  expectCorrupt(below, `${LEVEL}: difference, activation_counts: -1, expected 0 or more`)
})

test('refuses what is no file of a level', async () => {
  for (const sql of ['DROP TABLE difference', 'CREATE TABLE subcomponent (module_id INTEGER)']) {
    expectCorrupt(await openChanged(sql), `${LEVEL}: not the file of a level`)
  }
})

test('refuses a level without its row', async () => {
  expectCorrupt(await openChanged('DELETE FROM difference'), `${LEVEL}: difference: no row`)
})

test('refuses a column of another length, or that is no blob', async () => {
  for (const column of ['activation_counts', 'unique_tokens', 'rarefied_unique_tokens', 'top_places', 'top_counts']) {
    const shorter = await openChanged(`UPDATE difference SET ${column} = x''`)
    expectCorrupt(shorter, `${LEVEL}: difference, ${column}: 0 numbers, cut off`)
    const longer = await openChanged(`UPDATE difference SET ${column} = CAST(${column} || x'00' AS BLOB)`)
    expectCorrupt(longer, `${LEVEL}: difference, ${column}: `)
    const text = await openChanged(`UPDATE difference SET ${column} = 'a'`)
    expectCorrupt(text, `${LEVEL}: index: column ${column} is a text`)
  }
})

test('refuses a token beyond the vocabulary', async () => {
  // The only token that second.up_proj 1 has left becomes one of rank 5, of five tokens with a text.
  const database = await openFullIndex(LEVEL)
  const statement = database.prepare('SELECT top_places, top_counts FROM difference')
  statement.step()
  const { top_places: places, top_counts: counts } = statement.getAsObject()
  statement.free()
  if (!(places instanceof Uint8Array) || !(counts instanceof Uint8Array)) throw new Error('blobs')
  const sql = "UPDATE difference SET top_places = ?, top_counts = ?, other_ranks = x'05', other_counts = x'00'"
  const open = await openChanged(sql, [Uint8Array.of(...places.slice(0, -1), 10), counts.slice(0, -1)])
  expectCorrupt(open, `${LEVEL}: index: token of rank 5, of 5`)
})
