import { firingBand } from '../../statistics/firingBand.ts'
import { isHighConcentration } from '../../statistics/highConcentration.ts'
import { median } from '../../statistics/median.ts'
import { rankByCount } from '../../statistics/rankByCount.ts'
import { SPECIALISATION_CLASSES, subcomponentClass } from '../../statistics/subcomponentClass.ts'
import { hasTable, type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import type { Manifest } from '../manifest.ts'
import { type ModuleRow, queryModules } from '../queryModules.ts'
import { SUMMARY_TOP_TOKENS } from '../queryTopTokens.ts'
import type { IndexFacts, SubcomponentFacts } from './IndexFacts.ts'
import { expectClose, expectEqual, type Report } from './Report.ts'
import { verifyCategories, verifyL0ByPosition, verifyModuleStatistics, verifySample } from './verifyCorpusTables.ts'
import { verifyLevelList } from './verifyLevels.ts'

/** Reports whatever in the summary disagrees with the manifest or with itself. */
export function verifySummary(summary: IndexDatabase, manifest: Manifest, facts: IndexFacts, report: Report): void {
  verifyTokens(manifest, facts, report)
  verifyLevelList(summary, manifest, report)
  verifySample(facts, manifest, report)
  verifyCategories(summary, facts, report)
  verifyLevelTables(summary, 'summary', manifest, facts, report)
}

/** Reports whatever in the tables of `place`, the summary or a level's file, disagrees with the manifest or with itself. */
export function verifyLevelTables(
  summary: IndexDatabase,
  place: string,
  manifest: Manifest,
  facts: IndexFacts,
  report: Report,
): void {
  const rows = queryModules(summary)
  verifyModuleList(rows, place, manifest, report)
  verifyOrphans(summary, place, report)
  if (hasTable(summary, 'difference')) {
    const [count = 0] = queryRows(summary, 'SELECT count(*) AS n FROM difference', [], (row) => row.integer('n'))
    expectEqual(report, place, 'the number of rows of difference', count, 1)
  }
  verifyModuleStatistics(summary, place, report)
  verifyL0ByPosition(summary, facts, place, report)
  for (const row of rows) {
    const subcomponents = [...(facts.modules.find(({ path }) => path === row.module)?.subcomponents.values() ?? [])]
    verifyModule(row, subcomponents, place, facts, report)
    verifyRanks(row, subcomponents, place, report)
    for (const subcomponent of subcomponents) {
      verifySubcomponent(subcomponent, `${place}, ${row.module}:${subcomponent.subcomponent}`, facts, report)
    }
  }
}

function verifyModuleList(rows: readonly ModuleRow[], place: string, { modules }: Manifest, report: Report): void {
  const nameModule = (module: { layer: number | null; kind: string; c: number }, path: string): string =>
    `${path} (layer ${module.layer}, ${module.kind}, ${module.c} subcomponents)`
  for (let i = 0; i < Math.max(rows.length, modules.length); i++) {
    const [row, module] = [rows[i], modules[i]]
    const found = row === undefined ? 'absent' : nameModule(row, row.module)
    const expected = module === undefined ? 'none' : nameModule(module, module.path)
    expectEqual(report, place, `module ${i}`, found, expected)
    if (row !== undefined) expectEqual(report, place, `module_id of ${row.module}`, row.moduleId, i)
  }
}

/** Rows that belong to nothing; SQLite does not enforce references by itself. */
function verifyOrphans(summary: IndexDatabase, place: string, report: Report): void {
  const orphans = [
    {
      table: 'subcomponent',
      sql: 'SELECT count(*) AS n FROM subcomponent WHERE module_id NOT IN (SELECT module_id FROM module)',
      of: 'module',
    },
    {
      table: 'top_token',
      sql: 'SELECT count(*) AS n FROM top_token WHERE (module_id, subcomponent) NOT IN (SELECT module_id, subcomponent FROM subcomponent)',
      of: 'subcomponent',
    },
    {
      table: 'top_token',
      sql: 'SELECT count(*) AS n FROM top_token WHERE token_id NOT IN (SELECT token_id FROM token)',
      of: 'token',
    },
  ]
  for (const { table, sql, of } of orphans) {
    const [count = 0] = queryRows(summary, sql, [], (row) => row.integer('n'))
    if (count > 0) report(`${place}: ${count} rows of ${table} belong to no ${of}`)
  }
}

function verifyTokens({ corpus, target_model }: Manifest, { tokens, countSlack }: IndexFacts, report: Report): void {
  const rows = [...tokens.byId.values()]
  const negative = rows.find(({ occurrences }) => occurrences < 0)
  if (negative !== undefined) report(`summary, token ${negative.tokenId}: ${negative.occurrences} occurrences`)
  const beyond = rows.find(({ tokenId }) => tokenId < 0 || tokenId >= target_model.vocabulary_size)
  if (beyond !== undefined) {
    report(`summary: token ${beyond.tokenId}, expected ids below ${target_model.vocabulary_size}`)
  }
  const distinct = rows.filter(({ occurrences }) => occurrences > 0).length
  const positions = corpus?.positions ?? null
  const isClose = positions !== null && Math.abs(tokens.positionCount - positions) <= countSlack(positions)
  if (!isClose) expectEqual(report, 'summary', 'the sum of all occurrences', tokens.positionCount, positions)
  expectEqual(report, 'summary', 'the number of distinct tokens', distinct, corpus?.distinct_tokens ?? null)
}

function verifyModule(
  row: ModuleRow,
  subcomponents: readonly SubcomponentFacts[],
  file: string,
  { positionCount }: IndexFacts,
  report: Report,
): void {
  const place = `${file}, ${row.module}`
  const missing = Array.from({ length: row.c }, (_, c) => c).filter((c) => subcomponents[c]?.subcomponent !== c)
  if (missing.length > 0 || subcomponents.length !== row.c) {
    report(`${place}: ${subcomponents.length} subcomponents, expected 0 to ${row.c - 1} (first absent: ${missing[0]})`)
  }
  const inBand = (band: string) => subcomponents.filter((s) => firingBand(s.activationCount) === band).length
  const active = subcomponents.filter(({ activationCount }) => activationCount > 0)
  const firings = active.reduce((sum, { activationCount }) => sum + activationCount, 0)
  expectEqual(report, place, 'active + dead', row.active + row.dead, row.c)
  expectEqual(report, place, 'rare + frequent', row.rare + row.frequent, row.active)
  const inClasses = Object.values(row.classCounts).reduce((sum, count) => sum + count, 0)
  expectEqual(report, place, 'the sum of the classes', inClasses, row.active)
  expectEqual(report, place, 'active', row.active, active.length)
  expectEqual(report, place, 'rare', row.rare, inBand('rare'))
  expectEqual(report, place, 'frequent', row.frequent, inBand('frequent'))
  for (const { name } of SPECIALISATION_CLASSES) {
    expectEqual(report, place, name, row.classCounts[name], active.filter((s) => s.class === name).length)
  }
  const uniqueTokens = active.map((subcomponent) => subcomponent.uniqueTokens)
  expectEqual(report, place, 'median_unique_tokens', row.medianUniqueTokens, median(uniqueTokens))
  expectClose(report, place, 'mean_l0 · N', row.meanL0 * positionCount, firings)
}

function verifyRanks(row: ModuleRow, subcomponents: readonly SubcomponentFacts[], place: string, report: Report): void {
  const order = rankByCount(subcomponents.map(({ activationCount }) => activationCount))
  const ranks = new Map(order.map((i, rank) => [i, rank + 1]))
  for (const [i, { subcomponent, rank }] of subcomponents.entries()) {
    expectEqual(report, `${place}, ${row.module}:${subcomponent}`, 'rank', rank, ranks.get(i) ?? null)
  }
}

function verifySubcomponent(row: SubcomponentFacts, place: string, facts: IndexFacts, report: Report): void {
  const { activationCount: F, uniqueTokens, top10Count, topTokens } = row
  const N = facts.positionCount
  expectEqual(report, place, 'class', row.class, subcomponentClass(uniqueTokens))
  expectEqual(report, place, 'unique_tokens > 0', uniqueTokens > 0, F > 0)
  if (uniqueTokens > F) report(`${place}: unique_tokens is ${uniqueTokens}, expected at most activation_count ${F}`)
  if (F > N) report(`${place}: activation_count is ${F}, expected at most ${N}`)
  expectClose(report, place, 'firing_density', row.firingDensity, F / N)
  verifyMeanCi(row, place, facts, report)
  if (!(row.writeNorm >= 0)) report(`${place}: write_norm is ${row.writeNorm}, expected at least 0`)
  expectEqual(report, place, 'high_concentration', row.isHighConcentration, isHighConcentration(top10Count, F))
  expectEqual(report, place, 'number of top tokens', topTokens.length, Math.min(uniqueTokens, SUMMARY_TOP_TOKENS))
  const sum = topTokens.reduce((total, { count }) => total + count, 0)
  expectEqual(report, place, 'top10_count', top10Count, sum)
  if (sum > F) report(`${place}: the sum of the top tokens is ${sum}, expected at most activation_count ${F}`)
  verifyOtherTokens(row, F - sum, place, report)
  for (const [i, { tokenId, token, count }] of topTokens.entries()) {
    const before = topTokens[i - 1]
    const isOrdered =
      before === undefined || before.count > count || (before.count === count && before.tokenId < tokenId)
    if (!isOrdered)
      report(`${place}: top token "${token}" (${count}) stands behind "${before.token}" (${before.count})`)
    const occurrences = facts.tokens.byId.get(tokenId)?.occurrences ?? 0
    if (count > occurrences + facts.countSlack(count))
      report(`${place}: "${token}" counts ${count}, expected at most its ${occurrences} occurrences`)
  }
}

/** The tokens that are not among the top ones have a firing each, and none more than the last of those. */
function verifyOtherTokens(
  { uniqueTokens, topTokens }: SubcomponentFacts,
  left: number,
  place: string,
  report: Report,
): void {
  const others = Math.max(0, uniqueTokens - topTokens.length)
  const most = others * (topTokens.at(-1)?.count ?? 0)
  if (left < 0 || (left >= others && left <= most)) return
  report(`${place}: the top tokens leave ${left} firings to ${others} others, expected ${others} to ${most}`)
}

/** CI exceeds the threshold wherever active; only of a dead subcomponent can it be unknown. */
function verifyMeanCi(
  { meanCi, activationCount: F }: SubcomponentFacts,
  place: string,
  { positionCount: N, threshold, storyCount, meanSlack }: IndexFacts,
  report: Report,
): void {
  const least = (threshold * F) / N
  if (meanCi === null) {
    if (storyCount !== null || F > 0) report(`${place}: mean_ci is unknown, expected a number`)
  } else if (meanCi < least - meanSlack(least)) {
    report(`${place}: mean_ci is ${meanCi}, expected at least threshold · firing density, ${least}`)
  }
}
