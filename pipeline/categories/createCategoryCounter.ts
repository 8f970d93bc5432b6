import { alignPieces } from '../../core/categories/alignPieces.ts'
import { TOKEN_CATEGORIES } from '../../core/categories/tokenCategories.ts'
import { readTokenPieces } from '../../core/categories/tokenPieces.ts'
import { createTagger } from './createTagger.ts'

/** Counts in which category each token of the vocabulary stands. */
export interface CategoryCounter {
  /** K, the length of TOKEN_CATEGORIES. */
  readonly categoryCount: number
  /**
   * Adds the tokens `ids` of a story of this `text` (not cut) to `into` [vocabulary, K], each in the category of its word;
   * tokens that cannot be found in the text are not added.
   */
  count(text: string, ids: ArrayLike<number>, into: Uint32Array): void
}

/** A counter for one part of a corpus, given the part's stories in order: its tagger remembers new words. */
export function createCategoryCounter(
  tokenStrings: readonly (string | null)[],
  specialIds: ReadonlySet<number>,
): CategoryCounter {
  const pieces = readTokenPieces(tokenStrings, specialIds)
  const tag = createTagger()
  const categoryCount = TOKEN_CATEGORIES.length
  return {
    categoryCount,
    count: (text, ids, into) => {
      const storyPieces = Array.from(ids, (id) => pieces[id] ?? null)
      for (const [i, category] of alignPieces(text, tag(text), storyPieces).entries()) {
        const cell = (ids[i] ?? 0) * categoryCount + category
        if (category >= 0) into[cell] = (into[cell] ?? 0) + 1
      }
    },
  }
}
