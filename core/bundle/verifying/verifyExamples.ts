import { ciByte } from '../../statistics/ciByte.ts'
import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import { type IndexDatabase, queryRows } from '../IndexDatabase.ts'
import { EXAMPLE_LISTS, type ExampleList } from '../queryExamples.ts'
import { decodeVarints } from '../varints.ts'
import type { IndexFacts, SubcomponentFacts } from './IndexFacts.ts'
import { expectEqual, type Report } from './Report.ts'

/** Token ids of a story of the corpus; null where the index holds no stories. */
export type StoryTokens = (story: number) => Uint32Array | null

export interface ExampleContext {
  readonly subcomponent: SubcomponentFacts
  readonly counts: TokenCounts
  readonly facts: IndexFacts
  readonly storyTokens: StoryTokens
  readonly place: string
  readonly report: Report
}

/** Reports examples that are no firings of their subcomponent, stand twice in a list, or out of its order. */
export function verifyExamples(detail: IndexDatabase, context: ExampleContext): void {
  const { subcomponent, place, report } = context
  const sql = 'SELECT count(*) AS n FROM example WHERE subcomponent = ? AND list NOT IN (?, ?)'
  const [stray = 0] = queryRows(detail, sql, [subcomponent.subcomponent, ...EXAMPLE_LISTS], (row) => row.integer('n'))
  if (stray > 0) report(`${place}: ${stray} examples of another list than ${EXAMPLE_LISTS.join(', ')}`)
  verifyList(detail, 'sampled', context)
  verifyList(detail, 'strongest', { ...context, place: `${place}, strongest` })
}

function verifyList(detail: IndexDatabase, list: ExampleList, context: ExampleContext): void {
  const { subcomponent, place, report } = context
  const sql = 'SELECT * FROM example WHERE subcomponent = ? AND list = ? ORDER BY rank'
  const examples = queryRows(detail, sql, [subcomponent.subcomponent, list], (row) => ({
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
  if ((isPlaced && list === 'sampled' && examples.length === 0) || examples.length > subcomponent.activationCount) {
    report(`${place}: ${examples.length} examples of ${subcomponent.activationCount} firings`)
  }
  if (isPlaced && new Set(examples.map(({ story, position }) => `${story}:${position}`)).size < examples.length) {
    report(`${place}: the same firing stands twice among the examples`)
  }
  if (list === 'strongest') verifyStrengths(examples, place, report)
  for (const [i, example] of examples.entries()) {
    expectEqual(report, place, `rank of example ${i + 1}`, example.rank, i + 1)
    verifyExample(example, { ...context, place: `${place}, example ${i + 1}` })
  }
}

function verifyStrengths(examples: readonly Example[], place: string, report: Report): void {
  const strengths = examples.map(({ innerActivation }) => Math.abs(innerActivation ?? 0))
  for (const [i, strength] of strengths.entries()) {
    const before = strengths[i - 1] ?? strength
    if (strength > before)
      report(`${place}, example ${i + 1}: |inner activation| is ${strength}, above ${before} before`)
  }
}

interface Example {
  readonly story: number | null
  readonly position: number
  readonly ci: number
  readonly innerActivation: number | null
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
