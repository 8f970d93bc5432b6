import { ciByte } from '../../statistics/ciByte.ts'
import { type TokenCounts, topTokens, totalCount } from '../../statistics/TokenCounts.ts'
import { hasTable, type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import { queryTokenCounts } from '../queryTokens.ts'
import { decodeVarints } from '../varints.ts'
import type { IndexFacts, SubcomponentFacts } from './IndexFacts.ts'
import { expectEqual, type Report } from './Report.ts'
import { verifyCoFirings, verifyOutputTokens } from './verifyAssociations.ts'

/** A file of detail: the subcomponents start ≤ c < end of a module. */
export interface DetailFile {
  readonly path: string
  readonly module: string
  readonly start: number
  readonly end: number
}

/** Token ids of a story of the corpus; null where the index holds no stories. */
export type StoryTokens = (story: number) => Uint32Array | null

const TOP_TOKEN_ROWS = 50

/** Reports whatever in a file of detail disagrees with the summary, the stories or itself. */
export function verifyDetail(
  detail: IndexDatabase,
  file: DetailFile,
  facts: IndexFacts,
  storyTokens: StoryTokens,
  report: Report,
): void {
  const subcomponents = facts.modules.find(({ path }) => path === file.module)?.subcomponents
  verifyOrphans(detail, file, subcomponents ?? new Map(), report)
  for (let c = file.start; c < file.end; c++) {
    const subcomponent = subcomponents?.get(c)
    if (subcomponent === undefined || subcomponent.activationCount === 0) continue
    const place = `${file.path}, ${file.module}:${c}`
    const counts = queryTokenCounts(detail, c)
    verifyCounts(counts, subcomponent, facts, place, report)
    verifyTopTokens(detail, counts, subcomponent, place, report)
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
  const optional = ['output_token', 'co_firing'].filter((table) => hasTable(detail, table))
  for (const table of ['token_counts', 'top_token', 'example', ...optional]) {
    const found = queryRows(detail, `SELECT DISTINCT subcomponent FROM ${table}`, [], (row) =>
      row.integer('subcomponent'),
    )
    for (const c of found) {
      const isActive = (subcomponents.get(c)?.activationCount ?? 0) > 0
      if (c < start || c >= end) report(`${path}: ${table} has ${module}:${c}, expected ${start} to ${end - 1}`)
      else if (!isActive) report(`${path}: ${table} has ${module}:${c}, which is dead`)
    }
  }
}

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

function verifyTopTokens(
  detail: IndexDatabase,
  counts: TokenCounts,
  subcomponent: SubcomponentFacts,
  place: string,
  report: Report,
): void {
  const sql = 'SELECT rank, token_id, count FROM top_token WHERE subcomponent = ? ORDER BY rank'
  const rows = queryRows(detail, sql, [subcomponent.subcomponent], (row) => {
    return `${row.integer('rank')}: token ${row.integer('token_id')}, ${row.integer('count')}`
  })
  const expected = topTokens(counts, TOP_TOKEN_ROWS).map(
    ({ tokenId, count }, i) => `${i + 1}: token ${tokenId}, ${count}`,
  )
  const inSummary = subcomponent.topTokens.map(({ tokenId, count }, i) => `${i + 1}: token ${tokenId}, ${count}`)
  expectSameList(report, `${place}: its list of top tokens`, rows, expected)
  expectSameList(report, `${place}: the summary's list of top tokens`, inSummary, expected.slice(0, inSummary.length))
}

function expectSameList(report: Report, subject: string, found: readonly string[], counted: readonly string[]): void {
  for (let i = 0; i < Math.max(found.length, counted.length); i++) {
    if (found[i] === counted[i]) continue
    report(`${subject} has (${found[i] ?? 'nothing'}), its counts give (${counted[i] ?? 'nothing'})`)
    return
  }
}

interface ExampleContext {
  readonly subcomponent: SubcomponentFacts
  readonly counts: TokenCounts
  readonly facts: IndexFacts
  readonly storyTokens: StoryTokens
  readonly place: string
  readonly report: Report
}

function verifyExamples(detail: IndexDatabase, context: ExampleContext): void {
  const { subcomponent, place, report } = context
  const sql = 'SELECT * FROM example WHERE subcomponent = ? ORDER BY rank'
  const examples = queryRows(detail, sql, [subcomponent.subcomponent], (row) => ({
    rank: row.integer('rank'),
    story: row.nullableInteger('story'),
    position: row.integer('position'),
    ci: row.number('causal_importance'),
    innerActivation: row.nullableNumber('inner_activation'),
    windowStart: row.integer('window_start'),
    tokenIds: decodeVarints(row.blob('token_ids'), place),
    windowCi: row.blob('window_ci'),
  }))
  const isPlaced = context.facts.storyCount !== null
  // Of a harvest's windows, those that contradict it are left out.
  if ((isPlaced && examples.length === 0) || examples.length > subcomponent.activationCount) {
    report(`${place}: ${examples.length} examples of ${subcomponent.activationCount} firings`)
  }
  if (isPlaced && new Set(examples.map(({ story, position }) => `${story}:${position}`)).size < examples.length) {
    report(`${place}: the same firing stands twice among the examples`)
  }
  for (const [i, example] of examples.entries()) {
    expectEqual(report, place, `rank of example ${i + 1}`, example.rank, i + 1)
    verifyExample(example, { ...context, place: `${place}, example ${i + 1}` })
  }
}

interface Example {
  readonly story: number | null
  readonly position: number
  readonly ci: number
  readonly windowStart: number
  readonly tokenIds: Uint32Array
  readonly windowCi: Uint8Array
}

function verifyExample(example: Example, { counts, facts, storyTokens, place, report }: ExampleContext): void {
  const { story, position, ci, windowStart, tokenIds, windowCi } = example
  verifyStoryNumber(story, facts, place, report)
  if (ci <= facts.threshold) report(`${place}: causal importance ${ci}, expected above ${facts.threshold}`)
  expectEqual(report, place, 'number of causal importances', windowCi.length, tokenIds.length)
  const place0 = position - windowStart
  if (windowStart < 0 || place0 < 0 || place0 >= tokenIds.length) {
    report(
      `${place}: position ${position} lies outside its window, ${windowStart} to ${windowStart + tokenIds.length - 1}`,
    )
    return
  }
  expectEqual(report, place, 'the window at the firing', windowCi[place0] ?? null, ciByte(ci, facts.threshold))
  const tokenId = tokenIds[place0] ?? -1
  if (!counts.tokenIds.includes(tokenId)) report(`${place}: fires on token ${tokenId}, which its counts lack`)
  const whole = story === null ? null : storyTokens(story)
  if (whole === null) return
  if (position >= whole.length) report(`${place}: position ${position} of story ${story}, which has ${whole.length}`)
  const inStory = whole.subarray(windowStart, windowStart + tokenIds.length)
  if (`${inStory}` !== `${tokenIds}`) {
    report(`${place}: its window is [${tokenIds}], story ${story} has [${inStory}] there`)
  }
}

function verifyStoryNumber(story: number | null, { storyCount }: IndexFacts, place: string, report: Report): void {
  if (storyCount === null) expectEqual(report, place, 'story', story, null)
  else if (story === null || story < 0 || story >= storyCount) {
    report(`${place}: story ${story}, expected 0 to ${storyCount - 1}`)
  }
}
