import { AtlasError } from '../../core/errors/AtlasError.ts'
import { createStorySample } from '../../core/statistics/createStorySample.ts'
import type { HarvestSettings } from '../../core/statistics/HarvestSettings.ts'
import type { Tokenizer } from '../../core/tokenizer/createTokenizer.ts'
import type { PartStories } from './readPartStories.ts'

/** A part's stories encoded, each with what the tokenizer adds ([EOS]) and cut at the context. */
export interface EncodedPart {
  readonly stories: readonly EncodedStory[]
  /** Stories longer than the context. */
  readonly cutCount: number
  /** Short stories in their own words. */
  readonly exampleStories: { readonly story: number; readonly text: string }[]
}

export interface EncodedStory {
  /** Index in the corpus. */
  readonly story: number
  readonly ids: Uint32Array
}

/** Short stories kept of a harvest. */
export const EXAMPLE_STORIES = 8

/** Encodes the stories of a part; one without tokens is `story/empty`. */
export function encodePart(
  { start, stories }: PartStories,
  tokenizer: Tokenizer,
  settings: HarvestSettings,
): EncodedPart {
  const sample = createStorySample(settings.seed, EXAMPLE_STORIES)
  let cutCount = 0
  const encoded = stories.map(({ text, place }, i) => {
    const whole = tokenizer.encode(text).ids
    if (whole.length === 0) throw new AtlasError('story/empty', `${place}: 0 tokens, expected at least 1`)
    const ids = Uint32Array.from(whole.slice(0, settings.contextLength))
    if (whole.length > ids.length) cutCount += 1
    else sample.offer(start + i, ids.length, text)
    return { story: start + i, ids }
  })
  return { stories: encoded, cutCount, exampleStories: sample.stories() }
}
