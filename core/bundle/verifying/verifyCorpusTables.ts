import { type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import type { Manifest } from '../manifest.ts'
import { queryCategories, queryCategoryShares } from '../queryCategories.ts'
import { queryL0ByPosition } from '../queryL0ByPosition.ts'
import type { IndexFacts, SubcomponentFacts } from './IndexFacts.ts'
import { expectClose, expectEqual, type Report } from './Report.ts'

/** Far above what rounding adds to a share. */
const SLACK = 1e-9

/** Reports an L0 by position that is not of the corpus, or does not add up to the activation counts. */
export function verifyL0ByPosition(database: IndexDatabase, facts: IndexFacts, place: string, report: Report): void {
  const rows = queryL0ByPosition(database)
  if (rows === null) {
    if (facts.storyCount !== null) report(`${place}: no table l0_by_position`)
    return
  }
  for (const [moduleId, { path, subcomponents }] of facts.modules.entries()) {
    const own = rows.filter((row) => row.moduleId === moduleId)
    const at = `${place}, ${path}, l0_by_position`
    const sum = (read: (row: (typeof own)[number]) => number): number =>
      own.reduce((total, row) => total + read(row), 0)
    expectEqual(report, at, 'the number of stories at position 0', own[0]?.stories ?? 0, facts.storyCount)
    expectEqual(
      report,
      at,
      'the sum of the stories',
      sum(({ stories }) => stories),
      facts.positionCount,
    )
    const firings = [...subcomponents.values()].reduce((total, { activationCount }) => total + activationCount, 0)
    expectEqual(
      report,
      at,
      'the sum of the firings',
      sum((row) => row.firings),
      firings,
    )
    for (const [i, { position, stories }] of own.entries()) {
      expectEqual(report, at, `position ${i}`, position, i)
      const before = own[i - 1]?.stories ?? stories
      if (stories > before) report(`${at}: ${stories} stories reach position ${position}, ${before} the one before`)
    }
  }
}

/** Reports a sample that is not the manifest's, or firings on it that are more than there are. */
export function verifySample({ sample, modules }: IndexFacts, { corpus }: Manifest, report: Report): void {
  if (corpus?.source === 'stories') {
    expectEqual(report, 'summary, sample', 'drawn', sample?.drawn ?? 0, corpus.sampled_positions)
  }
  if (sample !== null && sample.positions > sample.drawn) {
    report(`summary, sample: positions is ${sample.positions}, expected at most the ${sample.drawn} drawn`)
  }
  for (const { path, subcomponents } of modules) {
    for (const { subcomponent, activationCount, sampledCount } of subcomponents.values()) {
      const place = `summary, ${path}:${subcomponent}`
      expectEqual(report, place, 'sampled_count is known', sampledCount !== null, sample !== null)
      const most = Math.min(activationCount, sample?.positions ?? 0)
      if ((sampledCount ?? 0) > most) report(`${place}: sampled_count is ${sampledCount}, expected at most ${most}`)
    }
  }
}

/** Reports categories and shares of them that the tokens and their counts do not give. */
export function verifyCategories(summary: IndexDatabase, facts: IndexFacts, report: Report): void {
  const categories = queryCategories(summary)
  const tagged = [...facts.tokens.byId.values()].filter(({ category }) => category !== null)
  if (categories === null) {
    if (tagged.length > 0) report(`summary: ${tagged.length} tokens have a category, and no table category`)
    return
  }
  const occurring = tagged.filter(({ occurrences }) => occurrences > 0)
  const positions = occurring.reduce((sum, { occurrences }) => sum + occurrences, 0)
  for (const { category, vocabularyShare, occurrenceShare } of categories) {
    const own = occurring.filter((token) => token.category === category)
    const place = `summary, category ${category}`
    expectClose(report, place, 'vocabulary_share', vocabularyShare, own.length / occurring.length)
    const held = own.reduce((sum, { occurrences }) => sum + occurrences, 0)
    expectClose(report, place, 'occurrence_share', occurrenceShare, held / positions)
  }
  const names = new Set(categories.map(({ category }) => category))
  const stray = tagged.find(({ category }) => category !== null && !names.has(category))
  if (stray !== undefined) report(`summary: token "${stray.token}" is of category ${stray.category}, which is none`)
  verifyCategoryShares(summary, facts, report)
}

function verifyCategoryShares(summary: IndexDatabase, facts: IndexFacts, report: Report): void {
  const all = queryCategoryShares(summary) ?? []
  for (const [moduleId, { path, subcomponents }] of facts.modules.entries()) {
    const rows = all.filter((row) => row.moduleId === moduleId)
    const place = `summary, ${path}, category_share`
    const active = [...subcomponents.values()].filter(({ activationCount }) => activationCount > 0)
    const high = active.filter(({ isHighConcentration }) => isHighConcentration)
    for (const row of rows) {
      const own = `${place} of ${row.category}`
      expectShare(report, own, 'active', row.active, topShare(active, row.category, facts))
      expectShare(report, own, 'high_concentration', row.highConcentration, topShare(high, row.category, facts))
      for (const [column, share] of [
        ['tokens', row.tokens],
        ['tokens_expected', row.tokensExpected],
      ] as const) {
        if (share !== null && !(share >= -SLACK && share <= 1 + SLACK))
          report(`${own}: ${column} is ${share}, expected 0 to 1`)
      }
    }
    const whole = (column: string, read: (row: (typeof rows)[number]) => number | null, isExact: boolean): void => {
      const known = rows.map(read).filter((share) => share !== null)
      const sum = known.reduce((total, share) => total + share, 0)
      if (known.length === 0) return
      if (isExact) expectClose(report, place, `the sum of ${column}`, sum, 1)
      else if (sum > 1 + SLACK) report(`${place}: the sum of ${column} is ${sum}, expected at most 1`)
    }
    const isTagged = [...facts.tokens.byId.values()].every(
      (token) => token.occurrences === 0 || token.category !== null,
    )
    whole('firings', (row) => row.firings, isTagged)
    whole('active_expected', (row) => row.activeExpected, true)
    whole('high_concentration_expected', (row) => row.highConcentrationExpected, true)
  }
}

/** Share of `subcomponents` whose most frequent token is of `category`; null where there are none. */
function topShare(subcomponents: readonly SubcomponentFacts[], category: string, facts: IndexFacts): number | null {
  if (subcomponents.length === 0) return null
  const own = subcomponents.filter(
    ({ topTokens }) => facts.tokens.byId.get(topTokens[0]?.tokenId ?? -1)?.category === category,
  )
  return own.length / subcomponents.length
}

function expectShare(
  report: Report,
  place: string,
  column: string,
  found: number | null,
  expected: number | null,
): void {
  if (found === null || expected === null) expectEqual(report, place, column, found, expected)
  else expectClose(report, place, column, found, expected)
}

/** Reports standard errors that are none, or bimodality that the classes do not give. */
export function verifyModuleStatistics(database: IndexDatabase, place: string, report: Report): void {
  const columns = queryRows(database, "SELECT name FROM pragma_table_info('module')", [], (row) => row.text('name'))
  const errors = columns.filter((column) => column.endsWith('_se'))
  const sql = 'SELECT *, truly_monosemantic + highly_specialised + polysemantic AS few_or_many FROM module'
  queryRows(database, sql, [], (row) => {
    const at = `${place}, ${row.text('module')}`
    for (const column of errors) {
      const error = row.nullableNumber(column)
      if (error !== null && !(error >= 0)) report(`${at}: ${column} is ${error}, expected at least 0`)
    }
    const active = row.integer('active')
    const expected = active === 0 ? null : row.integer('few_or_many') / active
    expectShare(report, at, 'bimodality', row.nullableNumber('bimodality'), expected)
  })
}
