import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WritableDatabase } from '../../../../core/bundle/IndexDatabase.ts'
import type { Manifest } from '../../../../core/bundle/manifest.ts'
import { openIndexFile } from '../../../../core/bundle/openIndexFile.ts'
import { CountDigests } from '../../../../core/bundle/verifying/CountDigests.ts'
import type { IndexFacts } from '../../../../core/bundle/verifying/IndexFacts.ts'
import { readIndexFacts } from '../../../../core/bundle/verifying/readIndexFacts.ts'
import { verifyDetail } from '../../../../core/bundle/verifying/verifyDetail.ts'
import { verifyMonotone } from '../../../../core/bundle/verifying/verifyLevels.ts'
import { readStoryTokens, verifyCorpus } from '../../../../core/bundle/verifying/verifyStories.ts'
import { verifyLevelTables, verifySummary } from '../../../../core/bundle/verifying/verifySummary.ts'
import { createTokenFilesCheck } from '../../../../core/bundle/verifying/verifyTokenFiles.ts'
import { openBundleFolder } from '../../../../pipeline/node/openBundleFolder.ts'
import { openBundleIndex } from '../../../../pipeline/node/openBundleIndex.ts'
import { indexedOracle } from '../../../pipeline/harvestedOracle.ts'

const Q_PROJ = 'model.layers.0.self_attn.q_proj'
const SUMMARY = 'index/summary.sqlite.gz'
const DETAIL = 'index/detail-0-0.sqlite.gz'
const STORIES = 'index/stories-0.sqlite.gz'
const TOKENS = 'index/tokens-0.sqlite.gz'
const LEVEL = 'index/level-0.1.sqlite.gz'

let folder: string
let manifest: Manifest
let facts: IndexFacts
let storyTokens: ReadonlyMap<number, Uint32Array>
const files = new Map<string, Uint8Array>()
const digests = new CountDigests()
const engine = await initSqlJs()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-verifying-'))
  const bundle = await openBundleFolder(await indexedOracle(folder))
  manifest = bundle.manifest
  const index = await openBundleIndex(bundle)
  for (const path of [SUMMARY, DETAIL, STORIES, TOKENS, LEVEL]) files.set(path, (await index.open(path)).export())
  facts = factsOf(changed(SUMMARY, ''))
  for (const file of manifest.index?.details ?? []) {
    const detail = await index.open(file.path)
    verifyDetail(
      detail,
      file,
      facts,
      () => null,
      () => undefined,
      digests,
    )
    detail.close()
  }
  storyTokens = readStoryTokens(changed(STORIES, ''), { path: STORIES, start: 0, end: 160 }, (difference) => {
    throw new Error(difference)
  })
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

/** An index file after `sql`. */
function changed(path: string, sql: string): WritableDatabase {
  const database = openIndexFile(engine, files.get(path) ?? new Uint8Array(0), path)
  if (sql !== '') database.run(sql)
  return database
}

function factsOf(summary: WritableDatabase, threshold = 0.01): IndexFacts {
  if (manifest.corpus === null) throw new Error('no corpus')
  return readIndexFacts(summary, manifest.corpus, threshold)
}

function summaryDifferences(sql: string): string[] {
  const differences: string[] = []
  const summary = changed(SUMMARY, sql)
  verifySummary(summary, manifest, factsOf(summary), (difference) => differences.push(difference))
  return differences
}

function levelDifferences(sql: string): string[] {
  const differences: string[] = []
  const report = (difference: string) => differences.push(difference)
  const level = changed(LEVEL, sql)
  const own = factsOf(level, 0.1)
  verifyLevelTables(level, LEVEL, manifest, own, report)
  verifyMonotone(facts, own, report)
  return differences
}

function tokenDifferences(sql: string): string[] {
  const differences: string[] = []
  const report = (difference: string) => differences.push(difference)
  const levels = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9]
  const check = createTokenFilesCheck(facts, levels.indexOf(0.01), levels.length)
  check.addFile(changed(TOKENS, sql), { path: TOKENS, start: 0, end: 256 }, report)
  const known = levels.map((threshold) => {
    if (threshold === 0.01) return facts
    return threshold === 0.1 ? factsOf(changed(LEVEL, ''), threshold) : null
  })
  check.finish(digests, known, report)
  return differences
}

function detailDifferences(sql: string): string[] {
  const differences: string[] = []
  const file = { path: DETAIL, module: Q_PROJ, start: 0, end: 23 }
  const story = (number: number) => storyTokens.get(number) ?? null
  verifyDetail(changed(DETAIL, sql), file, facts, story, (difference) => differences.push(difference))
  return differences
}

function storyDifferences(sql: string): string[] {
  const differences: string[] = []
  const report = (difference: string) => differences.push(difference)
  const stories = readStoryTokens(changed(STORIES, sql), { path: STORIES, start: 0, end: 160 }, report)
  verifyCorpus(stories, facts.tokens, 64, report)
  return differences
}

test('nothing changed, nothing differs', () => {
  const differences = [summaryDifferences, detailDifferences, storyDifferences, levelDifferences, tokenDifferences]
  expect(differences.flatMap((find) => find(''))).toEqual([])
})

test.each([
  [
    'active',
    `UPDATE module SET active = 19 WHERE module_id = 0`,
    `summary, ${Q_PROJ}: active + dead is 22, expected 23`,
  ],
  ['rare', `UPDATE module SET rare = 1 WHERE module_id = 0`, `summary, ${Q_PROJ}: rare + frequent is 21, expected 20`],
  [
    'classes',
    `UPDATE module SET moderate = 14 WHERE module_id = 0`,
    `summary, ${Q_PROJ}: the sum of the classes is 19, expected 20`,
  ],
  [
    'class',
    `UPDATE module SET moderate = 14, polysemantic = 1 WHERE module_id = 0`,
    `summary, ${Q_PROJ}: moderate is 14, expected 15`,
  ],
  [
    'median',
    `UPDATE module SET median_unique_tokens = 47 WHERE module_id = 0`,
    `summary, ${Q_PROJ}: median_unique_tokens is 47, expected 48`,
  ],
  [
    'mean_l0',
    `UPDATE module SET mean_l0 = 12 WHERE module_id = 0`,
    `summary, ${Q_PROJ}: mean_l0 · N is 82104, expected 82367`,
  ],
  [
    'absent row',
    `DELETE FROM subcomponent WHERE module_id = 0 AND subcomponent = 4`,
    `summary, ${Q_PROJ}: 22 subcomponents, expected 0 to 22 (first absent: 4)`,
  ],
  [
    'class of one',
    `UPDATE subcomponent SET class = 'moderate' WHERE module_id = 0 AND subcomponent = 3`,
    `summary, ${Q_PROJ}:3: class is moderate, expected highly_specialised`,
  ],
  [
    'density',
    `UPDATE subcomponent SET firing_density = 0.5 WHERE module_id = 0 AND subcomponent = 3`,
    `summary, ${Q_PROJ}:3: firing_density is 0.5, expected ${443 / 6842}`,
  ],
  [
    'mean CI',
    `UPDATE subcomponent SET mean_ci = 0 WHERE module_id = 0 AND subcomponent = 3`,
    `summary, ${Q_PROJ}:3: mean_ci is 0, expected at least threshold · firing density, ${(0.01 * 443) / 6842}`,
  ],
  [
    'concentration',
    `UPDATE subcomponent SET high_concentration = 0 WHERE module_id = 0 AND subcomponent = 3`,
    `summary, ${Q_PROJ}:3: high_concentration is false, expected true`,
  ],
  [
    'rank',
    `UPDATE subcomponent SET rank = 99 WHERE module_id = 0 AND subcomponent = 3`,
    `summary, ${Q_PROJ}:3: rank is 99, expected 20`,
  ],
  [
    'norm',
    `UPDATE subcomponent SET write_norm = -1 WHERE module_id = 0 AND subcomponent = 3`,
    `summary, ${Q_PROJ}:3: write_norm is -1, expected at least 0`,
  ],
  [
    'top tokens above F',
    `UPDATE top_token SET count = 108 WHERE module_id = 0 AND subcomponent = 3 AND rank = 1`,
    `summary, ${Q_PROJ}:3: the sum of the top tokens is 444, expected at most activation_count 443`,
  ],
  [
    'order of top tokens',
    `UPDATE top_token SET count = 96 WHERE module_id = 0 AND subcomponent = 3 AND rank = 3`,
    `summary, ${Q_PROJ}:3: top token "fox" (96) stands behind "grand" (95)`,
  ],
  [
    'orphan top token',
    `INSERT INTO top_token VALUES (0, 23, 1, 5, 1)`,
    'summary: 1 rows of top_token belong to no subcomponent',
  ],
  [
    'unknown token',
    `UPDATE top_token SET token_id = 999 WHERE module_id = 0 AND subcomponent = 3 AND rank = 1`,
    'summary: 1 rows of top_token belong to no token',
  ],
  [
    'orphan module',
    `INSERT INTO subcomponent SELECT 14, subcomponent, activation_count, unique_tokens, class, mean_ci, firing_density, top10_count, high_concentration, rank, write_norm, rarefied_unique_tokens, sampled_count FROM subcomponent WHERE module_id = 0 AND subcomponent = 3`,
    'summary: 1 rows of subcomponent belong to no module',
  ],
  [
    'm above T',
    `UPDATE token SET occurrences = 100 WHERE token_id = 134`,
    `summary, ${Q_PROJ}:3: "##inted" counts 107, expected at most its 100 occurrences`,
  ],
  [
    'level',
    'UPDATE level SET threshold = 0.02 WHERE threshold = 0.03',
    'summary: its levels is 0.001, 0.003, 0.01, 0.02',
  ],
  [
    'bimodality',
    'UPDATE module SET bimodality = 0.5 WHERE module_id = 0',
    `summary, ${Q_PROJ}: bimodality is 0.5, expected 0.05`,
  ],
  [
    'standard error',
    'UPDATE module SET mean_l0_se = -1 WHERE module_id = 0',
    `summary, ${Q_PROJ}: mean_l0_se is -1, expected at least 0`,
  ],
  [
    'L0 by position',
    'UPDATE l0_by_position SET firings = firings + 1 WHERE module_id = 0 AND position = 5',
    `summary, ${Q_PROJ}, l0_by_position: the sum of the firings is 82368, expected 82367`,
  ],
  [
    'number of stories',
    'UPDATE l0_by_position SET stories = 159 WHERE module_id = 0 AND position = 0',
    `summary, ${Q_PROJ}, l0_by_position: the number of stories at position 0 is 159, expected 160`,
  ],
  [
    'story that begins late',
    'UPDATE l0_by_position SET stories = stories + 1 WHERE module_id = 0 AND position = 60',
    `summary, ${Q_PROJ}, l0_by_position: the sum of the stories is 6843, expected 6842`,
  ],
  ['absent position', 'DELETE FROM l0_by_position WHERE position = 3', `l0_by_position: position 3 is 4, expected 3`],
  ['sample', 'UPDATE sample SET drawn = 1', 'summary, sample: drawn is 1, expected 6842'],
  ['size of the sample', 'UPDATE sample SET positions = 6843', 'summary, sample: positions is 6843, expected at most'],
  [
    'sampled count',
    'UPDATE subcomponent SET sampled_count = 444 WHERE module_id = 0 AND subcomponent = 3',
    `summary, ${Q_PROJ}:3: sampled_count is 444, expected at most 443`,
  ],
  [
    'category of a token',
    "UPDATE token SET category = 'CAT' WHERE token_id = 134",
    'summary: token "##inted" is of category CAT, which is none',
  ],
  [
    'share of the vocabulary',
    "UPDATE category SET vocabulary_share = 0.5 WHERE category = 'NOUN'",
    'summary, category NOUN: vocabulary_share is 0.5, expected',
  ],
  [
    'share of the occurrences',
    "UPDATE category SET occurrence_share = 0.5 WHERE category = 'NOUN'",
    'summary, category NOUN: occurrence_share is 0.5, expected',
  ],
  [
    'category share',
    "UPDATE category_share SET active = 2 WHERE module_id = 0 AND category = 'NOUN'",
    `summary, ${Q_PROJ}, category_share of NOUN: active is 2, expected`,
  ],
  [
    'share of high concentration',
    "UPDATE category_share SET high_concentration = 2 WHERE module_id = 0 AND category = 'NOUN'",
    `summary, ${Q_PROJ}, category_share of NOUN: high_concentration is 2, expected`,
  ],
  [
    'share of firings',
    "UPDATE category_share SET firings = 1 WHERE module_id = 0 AND category = 'NOUN'",
    `summary, ${Q_PROJ}, category_share: the sum of firings is 1.`,
  ],
  [
    'expected share',
    "UPDATE category_share SET active_expected = active_expected + 0.5 WHERE module_id = 0 AND category = 'NOUN'",
    `summary, ${Q_PROJ}, category_share: the sum of active_expected is 1.5, expected 1`,
  ],
  [
    'token’s-eye share',
    "UPDATE category_share SET tokens = 1.5 WHERE module_id = 0 AND category = 'NOUN'",
    `summary, ${Q_PROJ}, category_share of NOUN: tokens is 1.5, expected 0 to 1`,
  ],
])('in the summary, a wrong %s is named', (_, sql, difference) => {
  expect(summaryDifferences(sql)).toContainEqual(expect.stringContaining(difference))
})

test.each([
  [
    'blob',
    `UPDATE token_counts SET pairs = x'0500' WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: the sum of the token counts is 1, expected 443`,
  ],
  [
    'number of pairs',
    `UPDATE token_counts SET pairs = x'0500' WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: the number of tokens is 1, expected 5`,
  ],
  [
    'absent blob',
    `DELETE FROM token_counts WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: the sum of the token counts is 0, expected 443`,
  ],
  [
    'orphan',
    `INSERT INTO token_counts VALUES (23, x'0500')`,
    `${DETAIL}: token_counts has ${Q_PROJ}:23, expected 0 to 22`,
  ],
  [
    'row of a dead one',
    `INSERT INTO token_counts VALUES (4, x'0500')`,
    `${DETAIL}: token_counts has ${Q_PROJ}:4, which is dead`,
  ],
  [
    'm above T',
    `UPDATE token_counts SET pairs = x'05FF7F' WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: "-" counts 16384, expected at most its 76 occurrences`,
  ],
  [
    'absent examples',
    `DELETE FROM example WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: 0 examples of 443 firings`,
  ],
  [
    'double example',
    `UPDATE example SET story = (SELECT story FROM example WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'), position = (SELECT position FROM example WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled') WHERE subcomponent = 3 AND rank = 2 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3: the same firing stands twice among the examples`,
  ],
  [
    'story',
    `UPDATE example SET story = 160 WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: story 160, expected 0 to 159`,
  ],
  [
    'position',
    `UPDATE example SET position = 64, window_start = 54 WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: position 64 of story`,
  ],
  [
    'window',
    `UPDATE example SET window_start = position + 1 WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: position`,
  ],
  [
    'window token',
    `UPDATE example SET token_ids = zeroblob(length(window_ci)) WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: its window is [0,0`,
  ],
  [
    'firing token',
    `UPDATE example SET token_ids = zeroblob(length(window_ci)) WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: fires on token 0, which its counts lack`,
  ],
  [
    'window length',
    `UPDATE example SET window_ci = x'FF' WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: number of causal importances is 1, expected`,
  ],
  [
    'CI',
    `UPDATE example SET causal_importance = 0.01 WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: causal importance 0.01, expected above 0.01`,
  ],
  [
    'CI in the window',
    `UPDATE example SET window_ci = zeroblob(length(window_ci)) WHERE subcomponent = 3 AND rank = 1 AND list = 'sampled'`,
    `${DETAIL}, ${Q_PROJ}:3, example 1: the window at the firing is 0, expected`,
  ],
  [
    'list',
    `UPDATE example SET list = 'best' WHERE subcomponent = 3 AND list = 'strongest'`,
    `${DETAIL}, ${Q_PROJ}:3: 10 examples of another list than sampled, strongest`,
  ],
  [
    'order of the strongest',
    `UPDATE example SET inner_activation = 0 WHERE subcomponent = 3 AND list = 'strongest' AND rank = 1`,
    `${DETAIL}, ${Q_PROJ}:3, strongest, example 2: |inner activation| is `,
  ],
  ['absent histogram', `DELETE FROM histogram WHERE subcomponent = 3`, `${DETAIL}, ${Q_PROJ}:3: has no histogram`],
  [
    'CI histogram',
    `UPDATE histogram SET ci = zeroblob(20) WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: the sum of the histogram ci is 0, expected 443`,
  ],
  [
    'activation histogram',
    `UPDATE histogram SET activation = zeroblob(64) WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: the sum of the histogram activation is 0, expected 443`,
  ],
  [
    'histogram of the sample',
    `UPDATE histogram SET sampled_activation = zeroblob(64) WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: the sum of the histogram sampled_activation is 0, expected 6842`,
  ],
  [
    'count under the summary’s rarefied tokens',
    `UPDATE token_counts SET pairs = x'0064' WHERE subcomponent = 3`,
    `${DETAIL}, ${Q_PROJ}:3: rarefied_unique_tokens is 5, its counts give 1`,
  ],
])('in a file of detail, a wrong %s is named', (_, sql, start) => {
  expect(detailDifferences(sql)).toContainEqual(expect.stringContaining(start))
})

test.each([
  [
    'activation count above the one below',
    'UPDATE subcomponent SET activation_count = 444 WHERE module_id = 0 AND subcomponent = 3',
    `${Q_PROJ}:3 at threshold 0.1: activation_count is 444, expected at most 443, that at 0.01`,
  ],
  [
    'number of unique tokens above the one below',
    'UPDATE subcomponent SET unique_tokens = 6 WHERE module_id = 0 AND subcomponent = 3',
    `${Q_PROJ}:3 at threshold 0.1: unique_tokens is 6, expected at most 5, that at 0.01`,
  ],
  [
    'mean CI',
    'UPDATE subcomponent SET mean_ci = 1 WHERE module_id = 0 AND subcomponent = 3',
    `${Q_PROJ}:3 at threshold 0.1: mean_ci is 1, expected 0.0`,
  ],
  [
    'module row',
    'UPDATE module SET dead = dead + 1 WHERE module_id = 0',
    `${LEVEL}, ${Q_PROJ}: active + dead is 24, expected 23`,
  ],
])('in a level, a wrong %s is named', (_, sql, start) => {
  expect(levelDifferences(sql)).toContainEqual(expect.stringContaining(start))
})

test.each([
  [
    'count',
    // Module 0, one subcomponent, number 3, one firing more than detail has.
    `UPDATE token_subcomponents SET subcomponents = x'0001036B' WHERE token_id = 134`,
    `tokens, ${Q_PROJ}:3: the sum of the counts is 444, expected 443`,
  ],
  [
    'number of tokens',
    `UPDATE token_subcomponents SET subcomponents = x'' WHERE token_id = 134`,
    `tokens, ${Q_PROJ}:3: the number of tokens is 4, expected 5`,
  ],
  [
    'subcomponent',
    `UPDATE token_subcomponents SET subcomponents = x'00010400' WHERE token_id = 134`,
    `tokens: activate ${Q_PROJ}:4, which detail has no counts of`,
  ],
  [
    'number of subcomponents',
    `UPDATE token_subcomponents SET subcomponents = x'' WHERE token_id = 134`,
    `${TOKENS}, token 134, ${Q_PROJ}: the number of subcomponents is `,
  ],
  [
    'number of subcomponents at a level',
    `DELETE FROM token_module WHERE token_id = 134`,
    `tokens: the sum of subcomponents of ${Q_PROJ} at level 4 is `,
  ],
])('in the tokens, a wrong %s is named', (_, sql, start) => {
  expect(tokenDifferences(sql)).toContainEqual(expect.stringContaining(start))
})

test('counts that are swapped between tokens are no longer detail’s', () => {
  const swapped = `UPDATE token_subcomponents SET subcomponents = CASE token_id
    WHEN 134 THEN (SELECT subcomponents FROM token_subcomponents WHERE token_id = 150)
    ELSE (SELECT subcomponents FROM token_subcomponents WHERE token_id = 134) END WHERE token_id IN (134, 150)`
  expect(tokenDifferences(swapped)).toContain(`tokens, ${Q_PROJ}:3: the counts are not those of detail`)
})

test.each([
  ['absent story', 'DELETE FROM story WHERE story = 159', `${STORIES}: number of stories is 159, expected 160`],
  ['number', 'UPDATE story SET story = 200 WHERE story = 159', `${STORIES}: story 159 is 200, expected 159`],
  [
    'empty story',
    `UPDATE story SET token_ids = x'' WHERE story = 0`,
    'stories: story 0 has 0 tokens, expected 1 to 64',
  ],
  ['token', `UPDATE story SET token_ids = x'00' WHERE story = 0`, 'stories: number of "[UNK]" (0) is 1, expected 0'],
  ['foreign token', `UPDATE story SET token_ids = x'FF01' WHERE story = 0`, 'stories: token 255 is none of the index'],
])('in the stories, a wrong %s is named', (_, sql, difference) => {
  expect(storyDifferences(sql)).toContain(difference)
})
