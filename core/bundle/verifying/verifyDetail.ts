import { rarefiedUniqueTokens } from '../../statistics/rarefiedUniqueTokens.ts'
import { type TokenCounts, topTokens, totalCount } from '../../statistics/TokenCounts.ts'
import { detailBlockOf } from '../detailBlock.ts'
import { hasTable, type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import { queryHistograms } from '../queryHistograms.ts'
import { queryTokenCounts } from '../queryTokens.ts'
import { SUMMARY_TOP_TOKENS } from '../queryTopTokens.ts'
import type { CountDigests } from './CountDigests.ts'
import type { IndexFacts, SubcomponentFacts } from './IndexFacts.ts'
import { expectEqual, type Report } from './Report.ts'
import { verifyCoFirings, verifyOutputTokens } from './verifyAssociations.ts'
import { type StoryTokens, verifyExamples } from './verifyExamples.ts'

/** A file of detail: the subcomponents start ≤ c < end of a module. */
export interface DetailFile {
  readonly path: string
  readonly module: string
  readonly start: number
  readonly end: number
}

/** Reports whatever in a file of detail disagrees with the summary, the stories or itself; `digests` take the counts in. */
export function verifyDetail(
  detail: IndexDatabase,
  file: DetailFile,
  facts: IndexFacts,
  storyTokens: StoryTokens,
  report: Report,
  digests?: CountDigests,
): void {
  const subcomponents = facts.modules.find(({ path }) => path === file.module)?.subcomponents
  verifyOrphans(detail, file, subcomponents ?? new Map(), report)
  for (let c = file.start; c < file.end; c++) {
    const subcomponent = subcomponents?.get(c)
    if (subcomponent === undefined || subcomponent.activationCount === 0) continue
    const place = `${file.path}, ${file.module}:${c}`
    const counts = queryTokenCounts(detail, facts.tokens, c)
    verifyCounts(counts, subcomponent, facts, place, report)
    verifyTopTokens(counts, subcomponent, place, report)
    verifyRarefied(counts, subcomponent, place, report)
    verifyHistograms(detail, subcomponent, facts, place, report)
    digests?.add(subcomponent, counts)
    verifyOutputTokens(detail, subcomponent, facts, place, report)
    verifyCoFirings(detail, subcomponent, facts, place, report)
    verifyExamples(detail, { subcomponent, counts, facts, storyTokens, place, report })
  }
}

function verifyOrphans(
  detail: IndexDatabase,
  { path, module, start, end }: DetailFile,
  subcomponents: ReadonlyMap<number, SubcomponentFacts>,
  report: Report,
): void {
  for (const table of ['token_counts', 'passage', 'example'].filter((name) => !hasTable(detail, name))) {
    report(`${path}: no table ${table}`)
  }
  for (const table of DETAIL_TABLES.filter((name) => hasTable(detail, name))) {
    const [rows = 0] = queryRows(detail, `SELECT count(*) AS n FROM ${table}`, [], (row) => row.integer('n'))
    const expected = detailBlockOf(detail).subcomponents.length > 0 ? 1 : 0
    expectEqual(report, path, `the number of rows of ${table}`, rows, expected)
  }
  for (const c of detailBlockOf(detail).subcomponents) {
    const isActive = (subcomponents.get(c)?.activationCount ?? 0) > 0
    if (c < start || c >= end) report(`${path}: has ${module}:${c}, expected ${start} to ${end - 1}`)
    else if (!isActive) report(`${path}: has ${module}:${c}, which is dead`)
  }
}

/** Of one row each. */
const DETAIL_TABLES = ['token_counts', 'passage', 'example', 'histogram', 'output_token', 'co_firing']

function verifyCounts(
  counts: TokenCounts,
  subcomponent: SubcomponentFacts,
  { tokens, countSlack }: IndexFacts,
  place: string,
  report: Report,
): void {
  expectEqual(report, place, 'the sum of the token counts', totalCount(counts), subcomponent.activationCount)
  expectEqual(report, place, 'the number of tokens', counts.counts.length, subcomponent.uniqueTokens)
  for (const [i, tokenId] of counts.tokenIds.entries()) {
    const token = tokens.byId.get(tokenId)
    const count = counts.counts[i] ?? 0
    if (token === undefined) report(`${place}: counts token ${tokenId}, which is none of the index`)
    else if (count > token.occurrences + countSlack(count)) {
      report(`${place}: "${token.token}" counts ${count}, expected at most its ${token.occurrences} occurrences`)
    }
  }
}

function verifyTopTokens(counts: TokenCounts, subcomponent: SubcomponentFacts, place: string, report: Report): void {
  const inSummary = subcomponent.topTokens.map(({ tokenId, count }, i) => `${i + 1}: token ${tokenId}, ${count}`)
  const counted = topTokens(counts, SUMMARY_TOP_TOKENS).map(
    ({ tokenId, count }, i) => `${i + 1}: token ${tokenId}, ${count}`,
  )
  expectSameList(report, `${place}: the summary's list of top tokens`, inSummary, counted)
}

/** Hurlbert's expectation, which the summary holds to 1/256. */
function verifyRarefied(counts: TokenCounts, subcomponent: SubcomponentFacts, place: string, report: Report): void {
  const found = subcomponent.rarefiedUniqueTokens
  const expected = rarefiedUniqueTokens(counts)
  const isClose = found === null || expected === null ? found === expected : Math.abs(found - expected) <= 1 / 256
  if (!isClose) report(`${place}: rarefied_unique_tokens is ${found}, its counts give ${expected}`)
}

function verifyHistograms(
  detail: IndexDatabase,
  { subcomponent, activationCount }: SubcomponentFacts,
  { sample }: IndexFacts,
  place: string,
  report: Report,
): void {
  if (!hasTable(detail, 'histogram')) return
  const histograms = queryHistograms(detail, subcomponent)
  if (histograms === null) {
    report(`${place}: has no histogram`)
    return
  }
  const sumOf = (bins: Uint32Array): number => bins.reduce((sum, count) => sum + count, 0)
  expectEqual(report, place, 'the sum of the histogram ci', sumOf(histograms.ci), activationCount)
  expectEqual(report, place, 'the sum of the histogram activation', sumOf(histograms.activation), activationCount)
  const drawn = sample?.drawn ?? 0
  expectEqual(report, place, 'the sum of the histogram sampled_activation', sumOf(histograms.sampledActivation), drawn)
}

function expectSameList(report: Report, subject: string, found: readonly string[], counted: readonly string[]): void {
  for (let i = 0; i < Math.max(found.length, counted.length); i++) {
    if (found[i] === counted[i]) continue
    report(`${subject} has (${found[i] ?? 'nothing'}), its counts give (${counted[i] ?? 'nothing'})`)
    return
  }
}
