import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import { REAL_ERROR } from '../columns/roundedReals.ts'
import type { IndexDatabase } from '../IndexDatabase.ts'
import { type ExampleList, type PlacedExampleRow, queryPlacedExamples } from '../queryExamples.ts'
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
  const { place } = context
  verifyList(detail, 'sampled', context)
  verifyList(detail, 'strongest', { ...context, place: `${place}, strongest` })
}

function verifyList(detail: IndexDatabase, list: ExampleList, context: ExampleContext): void {
  const { subcomponent, place, report } = context
  const examples = queryPlacedExamples(detail, context.facts.tokens, subcomponent.subcomponent, list)
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
    verifyExample(example, { ...context, place: `${place}, example ${i + 1}` })
  }
}

function verifyStrengths(examples: readonly PlacedExampleRow[], place: string, report: Report): void {
  const strengths = examples.map(({ innerActivation }) => Math.abs(innerActivation ?? 0))
  for (const [i, strength] of strengths.entries()) {
    const before = strengths[i - 1] ?? strength
    if (strength > before)
      report(`${place}, example ${i + 1}: |inner activation| is ${strength}, above ${before} before`)
  }
}

function verifyExample(example: PlacedExampleRow, { counts, facts, storyTokens, place, report }: ExampleContext): void {
  const { story, position, causalImportance: ci, windowStart, tokenIds } = example
  verifyStoryNumber(story, facts, place, report)
  if (ci <= facts.threshold * (1 - REAL_ERROR)) {
    report(`${place}: causal importance ${ci}, expected above ${facts.threshold}`)
  }
  const tokenId = tokenIds[position - windowStart] ?? -1
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
