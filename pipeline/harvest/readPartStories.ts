import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { Story } from '../stories/Story.ts'
import { type HarvestPlan, storiesOfPart } from './HarvestPlan.ts'

/** A part's stories before they are encoded. */
export interface PartStories {
  readonly part: number
  /** Number of the first story in the corpus. */
  readonly start: number
  readonly stories: readonly { readonly text: string; readonly place: string }[]
}

/**
 * The stories of `parts` (ascending), a part at a time, taken from all stories of the corpus in order. Refused: a
 * corpus that has become shorter than it was when it was counted.
 */
export async function* readPartStories(
  corpus: AsyncIterable<Story>,
  plan: HarvestPlan,
  parts: readonly number[],
): AsyncGenerator<PartStories> {
  const wanted = parts.values()
  let next = wanted.next()
  let stories: { text: string; place: string }[] = []
  let number = 0
  if (next.done === true) return
  for await (const { text, place } of corpus) {
    const { start, end } = storiesOfPart(plan, next.value)
    if (number >= start) stories.push({ text, place })
    number += 1
    if (number < end) continue
    yield { part: next.value, start, stories }
    stories = []
    next = wanted.next()
    if (next.done === true) return
  }
  throw new AtlasError(
    'source/unreachable',
    `stories: ${number} were read, expected ${plan.corpus.stories}, as when they were counted`,
  )
}
