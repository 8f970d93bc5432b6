import { invariant } from '../errors/invariant.ts'
import { TOKEN_CATEGORIES } from './tokenCategories.ts'
import { continuesWord, pieceNotationOf } from './tokenPieces.ts'

/** What one token mostly is. */
export interface MajorityCategory {
  /** Index of TOKEN_CATEGORIES; null where the token occurs nowhere in the corpus, or was never tagged. */
  readonly category: number | null
  /** Share of the token's tagged occurrences that are of `category`; null with it. */
  readonly agreement: number | null
  /** True for a token that goes on with a word ("##ing"). */
  readonly isPiece: boolean
}

/** The majority category of each token from `counts` [vocabulary, categories]; of equals the first of the list. */
export function majorityCategories(
  counts: ArrayLike<number>,
  tokenStrings: readonly (string | null)[],
): MajorityCategory[] {
  const categoryCount = TOKEN_CATEGORIES.length
  invariant(counts.length === tokenStrings.length * categoryCount, 'category counts are [vocabulary, categories]')
  const notation = pieceNotationOf(tokenStrings)
  return tokenStrings.map((token, id) => {
    let total = 0
    let best = 0
    let most = 0
    for (let category = 0; category < categoryCount; category++) {
      const count = counts[id * categoryCount + category] ?? 0
      total += count
      if (count <= most) continue
      best = category
      most = count
    }
    const isPiece = token !== null && continuesWord(token, notation)
    return total === 0
      ? { category: null, agreement: null, isPiece }
      : { category: best, agreement: most / total, isPiece }
  })
}
