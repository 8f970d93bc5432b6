import type { Tokenizer } from '../../core/tokenizer/createTokenizer.ts'
import { createCategoryCounter } from '../categories/createCategoryCounter.ts'
import type { EncodedStory } from './encodePart.ts'
import type { PartStories } from './readPartStories.ts'

/** Adds a part's tokens to `counts` [vocabulary, K], each in the category of its word; `encoded` are the part's stories. */
export function countCategories(
  { stories }: PartStories,
  encoded: readonly EncodedStory[],
  tokenizer: Tokenizer,
  counts: Uint32Array,
): void {
  const tokens = Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.tokenOf(id))
  const counter = createCategoryCounter(tokens, tokenizer.specialIds)
  for (const [i, { text }] of stories.entries()) counter.count(text, encoded[i]?.ids ?? [], counts)
}
