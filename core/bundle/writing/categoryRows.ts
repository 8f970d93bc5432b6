import { type MajorityCategory, majorityCategories } from '../../categories/majorityCategory.ts'
import { TOKEN_CATEGORIES } from '../../categories/tokenCategories.ts'
import { type CategorisedTokens, categoryShares } from '../../statistics/categoryShares.ts'
import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import { topCategoryChances } from '../../statistics/topCategoryChances.ts'
import { seededRandom } from '../../storyteller/seededRandom.ts'
import type { SqlValue } from '../IndexDatabase.ts'
import type { IndexSource } from './IndexSource.ts'

type SqlRow = Record<string, SqlValue>

/** Seed of the samples behind the expected shares, so that an index is the same whenever it is made. */
const SEED = 0

/** The tokens of a tagged corpus. */
export interface TokenCategories {
  readonly majorities: readonly MajorityCategory[]
  readonly known: CategorisedTokens
}

/** Each token's category; null where tokens were not tagged. */
export function categoriseTokens({ categoryCounts, tokens, occurrences }: IndexSource): TokenCategories | null {
  if (categoryCounts === undefined) return null
  const majorities = majorityCategories(categoryCounts, tokens)
  const categories = Int32Array.from(majorities, ({ category }) => category ?? -1)
  const tagged = occurrences.map((T, id) => ((categories[id] ?? -1) >= 0 ? T : 0))
  const categoryCount = TOKEN_CATEGORIES.length
  if (tagged.every((T) => T === 0)) return null
  const chances = topCategoryChances(tagged, categories, categoryCount, seededRandom(SEED))
  return { majorities, known: { categoryCount, categories, occurrences, chances } }
}

/** Columns of a token's row that its category fills; null where tokens were not tagged. */
export function tokenCategoryColumns(categories: TokenCategories | null, tokenId: number): SqlRow {
  const found = categories?.majorities[tokenId]
  const category = found?.category ?? null
  return {
    category: category === null ? null : (TOKEN_CATEGORIES[category] ?? null),
    category_agreement: found?.agreement ?? null,
    is_piece: found === undefined ? null : found.isPiece ? 1 : 0,
  }
}

/** A row of `category` each. */
export function categoryRows({ known: { categories, occurrences } }: TokenCategories): SqlRow[] {
  const rows = TOKEN_CATEGORIES.map((category, rank) => ({ category, rank, vocabulary_share: 0, occurrence_share: 0 }))
  let tokens = 0
  let positions = 0
  for (const [id, category] of categories.entries()) {
    const row = rows[category]
    const T = occurrences[id] ?? 0
    if (row === undefined || T === 0) continue
    row.vocabulary_share += 1
    row.occurrence_share += T
    tokens += 1
    positions += T
  }
  return rows.map((row) => ({
    ...row,
    vocabulary_share: row.vocabulary_share / tokens,
    occurrence_share: row.occurrence_share / positions,
  }))
}

/** A module's rows of `category_share`. */
export function categoryShareRows(
  { known }: TokenCategories,
  moduleId: number,
  tokenCounts: readonly TokenCounts[],
  isHighConcentration: readonly boolean[],
): SqlRow[] {
  return categoryShares(tokenCounts, isHighConcentration, known).map((shares, k) => ({
    module_id: moduleId,
    category: TOKEN_CATEGORIES[k] ?? '',
    high_concentration: shares.highConcentration,
    high_concentration_expected: shares.highConcentrationExpected,
    active: shares.active,
    active_expected: shares.activeExpected,
    firings: shares.firings,
    tokens: shares.tokens,
    tokens_expected: shares.tokensExpected,
  }))
}
