import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExampleColumns } from '../../../../core/bundle/columns/exampleColumns.ts'
import {
  decodeLevel,
  encodeLevel,
  type LevelColumns,
  type LevelNumbers,
} from '../../../../core/bundle/columns/levelColumns.ts'
import type { Passage } from '../../../../core/bundle/columns/passageColumns.ts'
import type { TokenInModule } from '../../../../core/bundle/columns/tokenColumns.ts'
import type { WritableDatabase } from '../../../../core/bundle/IndexDatabase.ts'
import type { Manifest } from '../../../../core/bundle/manifest.ts'
import { openIndexFile } from '../../../../core/bundle/openIndexFile.ts'
import { openLevelFile } from '../../../../core/bundle/openLevelFile.ts'
import { CountDigests } from '../../../../core/bundle/verifying/CountDigests.ts'
import type { IndexFacts } from '../../../../core/bundle/verifying/IndexFacts.ts'
import type { Report } from '../../../../core/bundle/verifying/Report.ts'
import { readIndexFacts } from '../../../../core/bundle/verifying/readIndexFacts.ts'
import { verifyDetail } from '../../../../core/bundle/verifying/verifyDetail.ts'
import { verifyMonotone } from '../../../../core/bundle/verifying/verifyLevels.ts'
import { readStoryTokens, verifyCorpus } from '../../../../core/bundle/verifying/verifyStories.ts'
import { verifyLevelTables, verifySummary } from '../../../../core/bundle/verifying/verifySummary.ts'
import { createTokenFilesCheck } from '../../../../core/bundle/verifying/verifyTokenFiles.ts'
import { ACTIVATION_BINS } from '../../../../core/statistics/activationBin.ts'
import { CI_STEPS } from '../../../../core/statistics/HarvestSettings.ts'
import type { TokenCounts } from '../../../../core/statistics/TokenCounts.ts'
import { openBundleFolder } from '../../../../pipeline/node/openBundleFolder.ts'
import { openBundleIndex } from '../../../../pipeline/node/openBundleIndex.ts'
import { indexedOracle } from '../../../pipeline/harvestedOracle.ts'
import {
  type Change,
  changeExamples,
  changeFiring,
  changePassages,
  changeRow,
  changeTokenCounts,
  changeTokens,
  changeVarints,
  replaced,
  reportingFailures,
  sql,
} from './changeColumns.ts'

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
  facts = factsOf(changed(SUMMARY, UNCHANGED))
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
  storyTokens = readStoryTokens(changed(STORIES, UNCHANGED), { path: STORIES, start: 0, end: 160 }, (difference) => {
    throw new Error(difference)
  })
}, 60_000)
afterAll(() => rm(folder, { recursive: true }))

const UNCHANGED: Change = () => undefined

/** An index file after `change`. */
function changed(path: string, change: Change): WritableDatabase {
  const database = openIndexFile(engine, bytesOf(path), path)
  change(database)
  return database
}

/** The file of a level after `change` of what it holds, opened over the summary. */
function changedLevel(change: Change): WritableDatabase {
  return openLevelFile(engine, changed(LEVEL, change).export(), LEVEL, changed(SUMMARY, UNCHANGED))
}

function bytesOf(path: string): Uint8Array {
  return files.get(path) ?? new Uint8Array(0)
}

function factsOf(summary: WritableDatabase, threshold = 0.01): IndexFacts {
  if (manifest.corpus === null) throw new Error('no corpus')
  return readIndexFacts(summary, manifest.corpus, threshold)
}

/** What `check` reports. */
function differencesOf(check: (report: Report) => void): string[] {
  const differences: string[] = []
  const report = (difference: string) => differences.push(difference)
  reportingFailures(report, () => check(report))
  return differences
}

function summaryDifferences(change: Change): string[] {
  const summary = changed(SUMMARY, change)
  return differencesOf((report) => verifySummary(summary, manifest, factsOf(summary), report))
}

function levelDifferences(change: Change): string[] {
  return differencesOf((report) => {
    const level = changedLevel(change)
    const own = factsOf(level, 0.1)
    verifyLevelTables(level, LEVEL, manifest, own, report)
    verifyMonotone(facts, own, report)
  })
}

function tokenDifferences(change: Change, details = digests): string[] {
  const levels = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9]
  const check = createTokenFilesCheck(facts, levels.indexOf(0.01), levels.length)
  return differencesOf((report) => {
    check.addFile(changed(TOKENS, change), { path: TOKENS, start: 0, end: 256 }, report)
    const known = levels.map((threshold) => {
      if (threshold === 0.01) return facts
      return threshold === 0.1 ? factsOf(changedLevel(UNCHANGED), threshold) : null
    })
    check.finish(details, known, report)
  })
}

function detailDifferences(change: Change): string[] {
  const file = { path: DETAIL, module: Q_PROJ, start: 0, end: 23 }
  const story = (number: number) => storyTokens.get(number) ?? null
  return differencesOf((report) => verifyDetail(changed(DETAIL, change), file, facts, story, report))
}

function storyDifferences(change: Change): string[] {
  return differencesOf((report) => {
    const stories = readStoryTokens(changed(STORIES, change), { path: STORIES, start: 0, end: 160 }, report)
    verifyCorpus(stories, facts.tokens, 64, report)
  })
}

test('nothing changed, nothing differs', () => {
  const differences = [summaryDifferences, detailDifferences, storyDifferences, levelDifferences, tokenDifferences]
  expect(differences.flatMap((find) => find(UNCHANGED))).toEqual([])
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
])('in the summary, a wrong %s is named', (_, statement, difference) => {
  expect(summaryDifferences(sql(statement))).toContainEqual(expect.stringContaining(difference))
})

/** Place of 0:3 among the active subcomponents of its file: all before it are active. */
const AT_3 = 3

function changeCountsOf3(change: (counts: TokenCounts) => TokenCounts): Change {
  return changeTokenCounts((block) => ({ ...block, byRank: replaced(block.byRank, AT_3, change) }))
}

/** Counts 0:3 on one token alone, `count` times. */
function countOneToken(count: number): Change {
  return changeCountsOf3(({ tokenIds }) => ({ tokenIds: tokenIds.slice(0, 1), counts: Uint32Array.of(count) }))
}

function numberSubcomponent(found: number, number: number): Change {
  return changeTokenCounts((block) => ({
    ...block,
    subcomponents: block.subcomponents.map((c) => (c === found ? number : c)),
  }))
}

/** Changes the first sampled example of 0:3. */
function changeExample(...[change]: [Parameters<typeof changeFiring>[2]]): Change {
  return changeFiring(AT_3, ({ sampled }) => sampled[0], change)
}

/** Changes the passage of the first sampled example of 0:3, and those after it, which are told by their distances from it. */
function changePassageOfExample(
  change: (passage: Passage, offset: number, place: { readonly isAfter: boolean; readonly first: Passage }) => Passage,
): Change {
  return changePassages((passages, lists) => {
    const { passage = -1, offset = -1 } = lists[AT_3]?.sampled[0] ?? {}
    const first = passages[passage]
    if (first === undefined) throw new Error('no such passage')
    return passages.map((own, i) => (i < passage ? own : change(own, offset, { isAfter: i > passage, first })))
  })
}

/** Puts [UNK], which the corpus lacks, in the place of a token of the first sampled example of 0:3. */
function putUnknownToken(at: (offset: number, windowStart: number) => number): Change {
  return changePassageOfExample((passage, offset, { isAfter }) => {
    const windowStart = Math.max(0, offset - WINDOW_RADIUS)
    const rank = facts.tokens.idsByRank.indexOf(0)
    return isAfter ? passage : { ...passage, ranks: passage.ranks.with(at(offset, windowStart), rank) }
  })
}

const WINDOW_RADIUS = 10

/** Counts one more in the first bin of 0:3, of `bins` a subcomponent. */
function changeHistogram(column: string, bins: number): Change {
  return changeVarints('histogram', column, (counts) => counts.with(AT_3 * bins, (counts[AT_3 * bins] ?? 0) + 1))
}

test.each<[string, Change, string]>([
  ['sum of the counts', countOneToken(1), `${DETAIL}, ${Q_PROJ}:3: the sum of the token counts is 1, expected 443`],
  ['number of tokens', countOneToken(1), `${DETAIL}, ${Q_PROJ}:3: the number of tokens is 1, expected 5`],
  [
    'absent list of counts',
    changeCountsOf3(() => ({ tokenIds: new Uint32Array(0), counts: new Uint32Array(0) })),
    `${DETAIL}, ${Q_PROJ}:3: the sum of the token counts is 0, expected 443`,
  ],
  [
    'absent row of counts',
    sql('DELETE FROM token_counts'),
    `${DETAIL}: the number of rows of example is 1, expected 0`,
  ],
  [
    'second row of counts',
    sql('INSERT INTO token_counts SELECT * FROM token_counts'),
    `${DETAIL}: the number of rows of token_counts is 2, expected 1`,
  ],
  ['table of examples', sql('DROP TABLE example'), `${DETAIL}: no table example`],
  ['orphan', numberSubcomponent(22, 23), `${DETAIL}: has ${Q_PROJ}:23, expected 0 to 22`],
  ['number, a dead one’s,', numberSubcomponent(3, 4), `${DETAIL}: has ${Q_PROJ}:4, which is dead`],
  [
    'm above T',
    changeCountsOf3(({ tokenIds, counts }) => ({ tokenIds, counts: counts.with(0, 16384) })),
    `${DETAIL}, ${Q_PROJ}:3: "##inted" counts 16384, expected at most its `,
  ],
  [
    'rank of a token',
    changeCountsOf3(({ tokenIds, counts }) => ({ tokenIds: tokenIds.with(-1, 153), counts })),
    'index: token of rank 153, of 153 in the table of tokens',
  ],
  [
    'absent examples',
    changeExamples((lists) => replaced(lists, AT_3, () => ({ sampled: [], strongest: [] }))),
    `${DETAIL}, ${Q_PROJ}:3: 0 examples of 443 firings`,
  ],
  [
    'double example',
    changeExamples((lists) =>
      replaced(lists, AT_3, ({ sampled, strongest }) => ({
        sampled: sampled.map((example, i) => (i === 1 ? (sampled[0] ?? example) : example)),
        strongest,
      })),
    ),
    `${DETAIL}, ${Q_PROJ}:3: the same firing stands twice among the examples`,
  ],
  [
    'story',
    changePassageOfExample((passage, _, { first }) => ({
      ...passage,
      story: (passage.story ?? 0) + 160 - (first.story ?? 0),
    })),
    `${DETAIL}, ${Q_PROJ}:3, example 1: story 160, expected 0 to 159`,
  ],
  [
    'position',
    changePassageOfExample((passage, offset, { isAfter }) => (isAfter ? passage : { ...passage, start: 64 - offset })),
    `${DETAIL}, ${Q_PROJ}:3, example 1: position 64 of story`,
  ],
  [
    'place in the passage',
    changeExample((example, passages) => ({ ...example, offset: passages[example.passage]?.ranks.length ?? 0 })),
    'example: token ',
  ],
  ['passage', changeExample((example, passages) => ({ ...example, passage: passages.length })), ', which has 0'],
  [
    'window token',
    putUnknownToken((_, windowStart) => windowStart),
    `${DETAIL}, ${Q_PROJ}:3, example 1: its window is [0,`,
  ],
  [
    'firing token',
    putUnknownToken((offset) => offset),
    `${DETAIL}, ${Q_PROJ}:3, example 1: fires on token 0, which its counts lack`,
  ],
  [
    'number of causal importances',
    changeRow<ExampleColumns>('example', (row) => ({ ...row, window_ci: row.window_ci.subarray(0, -1) })),
    'is active, its CI is not told',
  ],
  [
    'number of causal importances at the end',
    changeRow<ExampleColumns>('example', (row) => ({ ...row, window_ci: Uint8Array.of(...row.window_ci, 1) })),
    'example, window_ci: ',
  ],
  [
    'active token outside its window',
    changeVarints('example', 'window_gaps', (gaps) => [99, ...gaps]),
    'example, window_gaps: token 98 of a window of ',
  ],
  [
    'CI',
    changeExample((example) => ({ ...example, causalImportance: 0.0099 })),
    `${DETAIL}, ${Q_PROJ}:3, example 1: causal importance 0.00989`,
  ],
  [
    'gap to the firing itself',
    changeVarints('example', 'window_gaps', (gaps) => [WINDOW_RADIUS + 1, ...gaps]),
    'example, window_gaps: token 10 is the firing itself',
  ],
  [
    'CI of an active token beside the firing',
    changeRow<ExampleColumns>('example', (row) => ({ ...row, window_ci: row.window_ci.with(0, 0) })),
    'is active, its CI is not told',
  ],
  [
    'place of a strongest one',
    changeVarints('example', 'strongest_places', (places) =>
      places.with(
        places.findIndex((place) => place > 0),
        99,
      ),
    ),
    'example: place 99 of strongest, of ',
  ],
  [
    'order of the strongest',
    changeFiring(
      AT_3,
      ({ strongest }) => strongest[0],
      (example) => ({ ...example, innerActivation: 0 }),
    ),
    `${DETAIL}, ${Q_PROJ}:3, strongest, example 2: |inner activation| is `,
  ],
  ['absent histogram', sql('DELETE FROM histogram'), `${DETAIL}, ${Q_PROJ}:3: has no histogram`],
  ['row of histograms', sql('DELETE FROM histogram'), `${DETAIL}: the number of rows of histogram is 0, expected 1`],
  [
    'CI histogram',
    changeHistogram('ci', CI_STEPS),
    `${DETAIL}, ${Q_PROJ}:3: the sum of the histogram ci is 444, expected 443`,
  ],
  [
    'activation histogram',
    changeHistogram('activation', ACTIVATION_BINS),
    `${DETAIL}, ${Q_PROJ}:3: the sum of the histogram activation is 444, expected 443`,
  ],
  [
    'histogram of the sample',
    changeHistogram('sampled_activation', ACTIVATION_BINS),
    `${DETAIL}, ${Q_PROJ}:3: the sum of the histogram sampled_activation is 6843, expected 6842`,
  ],
  [
    'count under the summary’s rarefied tokens',
    countOneToken(101),
    `${DETAIL}, ${Q_PROJ}:3: rarefied_unique_tokens is 5, its counts give 1`,
  ],
])('in a file of detail, a wrong %s is named', (_, change, start) => {
  expect(detailDifferences(change)).toContainEqual(expect.stringContaining(start))
})

/** Changes what a level says of 0:3. */
function changeLevelOf3(change: (own: LevelNumbers) => LevelNumbers): Change {
  return (database) => {
    const base = summaryNumbers()
    changeRow<LevelColumns>('difference', (row) => ({
      ...row,
      ...encodeLevel(replaced(decodeLevel(row, base, -1), 3, change), base),
    }))(database)
  }
}

/** Gives a level the summary's numbers, but more of 0:3. */
function raiseLevelOf3(change: (own: LevelNumbers) => LevelNumbers): Change {
  return (database) => {
    const base = summaryNumbers()
    const raised = encodeLevel(replaced(base, 3, change), base)
    changeRow<LevelColumns>('difference', (row) => ({ ...row, ...raised, sign: 1 }))(database)
  }
}

/** What the differences of levels are from. */
function summaryNumbers(): LevelNumbers[] {
  return facts.modules.flatMap(({ subcomponents }) =>
    [...subcomponents.values()].map((row) => ({
      ...row,
      top: row.topTokens.map(({ tokenId, count }) => ({ rank: facts.tokens.idsByRank.indexOf(tokenId), count })),
    })),
  )
}

test.each<[string, Change, string]>([
  [
    'activation count above the one below',
    raiseLevelOf3((own) => ({ ...own, activationCount: 444 })),
    `${Q_PROJ}:3 at threshold 0.1: activation_count is 444, expected at most 443, that at 0.01`,
  ],
  [
    'number of unique tokens above the one below',
    raiseLevelOf3((own) => ({ ...own, uniqueTokens: 6, top: [...own.top, { rank: 0, count: 1 }] })),
    `${Q_PROJ}:3 at threshold 0.1: unique_tokens is 6, expected at most 5, that at 0.01`,
  ],
  [
    'activation count',
    changeLevelOf3((own) => ({ ...own, activationCount: own.activationCount - 1 })),
    `${LEVEL}, ${Q_PROJ}, l0_by_position: the sum of the firings is `,
  ],
  [
    'number of unique tokens',
    changeVarints('difference', 'unique_tokens', (numbers) => numbers.with(3, (numbers[3] ?? 0) + 1)),
    `${LEVEL}: difference, top_places: `,
  ],
  [
    'count of a top token',
    changeLevelOf3((own) => ({ ...own, top: replaced(own.top, 0, ({ rank, count }) => ({ rank, count: count - 1 })) })),
    `${LEVEL}, ${Q_PROJ}:3: the top tokens leave 1 firings to 0 others, expected 0 to 0`,
  ],
  [
    'order of top tokens',
    changeLevelOf3((own) => ({ ...own, top: own.top.toReversed() })),
    `${LEVEL}, ${Q_PROJ}:3: top token "`,
  ],
  [
    'rank of a top token',
    changeVarints('difference', 'other_ranks', (ranks) => ranks.with(0, 153)),
    `${LEVEL}: index: token of rank 153, of 153 in the table of tokens`,
  ],
  [
    'number of differences',
    changeVarints('difference', 'activation_counts', (numbers) => numbers.subarray(1)),
    `${LEVEL}: difference, activation_counts: `,
  ],
  [
    'second row',
    sql('INSERT INTO difference SELECT * FROM difference'),
    `${LEVEL}: the number of rows of difference is 2, expected 1`,
  ],
  ['sign', sql('UPDATE difference SET sign = 0'), `${LEVEL}: difference: sign 0, expected 1 or −1`],
  ['absent row', sql('DELETE FROM difference'), `${LEVEL}: difference: no row`],
  [
    'module row',
    sql('UPDATE module SET dead = dead + 1 WHERE module_id = 0'),
    `${LEVEL}, ${Q_PROJ}: active + dead is 24, expected 23`,
  ],
])('in a level, a wrong %s is named', (_, change, start) => {
  expect(levelDifferences(change)).toContainEqual(expect.stringContaining(start))
})

/** Rank of 0:3 in its module, from 0. */
const RANK_OF_3 = 19
const RUN_LEVEL = 2

/** Changes what token 134, "##inted", activates of the first module. */
function changeToken134(change: (own: TokenInModule) => TokenInModule): Change {
  return changeTokens((block) => ({
    ...block,
    tokens: replaced(block.tokens, block.tokenIds.indexOf(134), (modules) => replaced(modules, 0, change)),
  }))
}

/** Takes the subcomponent at `rank` out, and with it one of the number at the run's level and those above it. */
function withoutRank({ active, ranks, counts }: TokenInModule, rank: number): TokenInModule {
  const at = ranks.indexOf(rank)
  if (at === -1) throw new Error(`no rank ${rank}`)
  const isLeft = (_: number, i: number) => i !== at
  return {
    active: Array.from(active, (n, level) => (level < RUN_LEVEL ? n : Math.min(n, ranks.length - 1))),
    ranks: ranks.filter(isLeft),
    counts: counts.filter(isLeft),
  }
}

test.each<[string, Change, string]>([
  [
    'count',
    changeToken134((own) => ({
      ...own,
      counts: own.counts.map((count, i) => (own.ranks[i] === RANK_OF_3 ? count + 1 : count)),
    })),
    `tokens, ${Q_PROJ}:3: the sum of the counts is 444, expected 443`,
  ],
  [
    'number of tokens',
    changeToken134((own) => withoutRank(own, RANK_OF_3)),
    `tokens, ${Q_PROJ}:3: the number of tokens is 4, expected 5`,
  ],
  [
    'subcomponent',
    changeToken134((own) => ({ ...own, ranks: own.ranks.with(-1, 20) })),
    'token 134: activates rank 21 of module 0, which is none',
  ],
  [
    'run level',
    changeTokens((block) => ({
      ...block,
      runLevel: 4,
      tokens: block.tokens.map((modules) =>
        modules.map(({ active, ranks, counts }) => ({
          active,
          ranks: ranks.slice(0, active[4]),
          counts: counts.slice(0, active[4]),
        })),
      ),
    })),
    `, ${Q_PROJ}: the number of subcomponents is `,
  ],
  [
    'number of subcomponents',
    changeVarints('token_subcomponents', 'active', (active) => active.with(0, (active[0] ?? 0) + 1)),
    'token_subcomponents, ranks: ',
  ],
  [
    'number of subcomponents at a level',
    changeToken134((own) => ({ ...own, active: Array.from(own.active, (n, level) => (level < 4 ? n : 0)) })),
    `tokens: the sum of subcomponents of ${Q_PROJ} at level 4 is `,
  ],
  [
    'number of subcomponents above the one at the level below',
    changeVarints('token_subcomponents', 'active', (active) => active.with(-1, 255)),
    'token_subcomponents, active: 255 fewer than ',
  ],
  [
    'second row',
    sql('INSERT INTO token_subcomponents SELECT * FROM token_subcomponents'),
    `${TOKENS}: the number of rows of token_subcomponents is 2, expected at most 1`,
  ],
  [
    'number of levels',
    changeRow('token_subcomponents', (row) => ({ ...row, levels: 8 })),
    'token_subcomponents, active: ',
  ],
])('in the tokens, a wrong %s is named', (_, change, start) => {
  expect(tokenDifferences(change)).toContainEqual(expect.stringContaining(start))
})

test('counts that are swapped between tokens are no longer detail’s', () => {
  const swapped = changeTokens((block) => {
    const [one, other] = [block.tokenIds.indexOf(134), block.tokenIds.indexOf(150)]
    const tokens = block.tokens.map((own, i) => block.tokens[i === one ? other : i === other ? one : i] ?? own)
    return { ...block, tokens }
  })
  expect(tokenDifferences(swapped)).toContain(`tokens, ${Q_PROJ}:3: the counts are not those of detail`)
})

test('subcomponents that the tokens activate and detail lacks are named', () => {
  expect(tokenDifferences(UNCHANGED, new CountDigests())).toContain(
    `tokens: activate ${Q_PROJ}:3, which detail has no counts of`,
  )
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
])('in the stories, a wrong %s is named', (_, statement, difference) => {
  expect(storyDifferences(sql(statement))).toContain(difference)
})
