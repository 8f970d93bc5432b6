import type { TokenCounts } from './TokenCounts.ts'
import { topTokens, totalCount } from './TokenCounts.ts'
import type { TopCategoryChances } from './topCategoryChances.ts'

/** What is known of the tokens of a corpus, the same for every module. */
export interface CategorisedTokens {
  /** K */
  readonly categoryCount: number
  /** Index of each token's category, −1 where it has none. */
  readonly categories: Int32Array
  /** uint32[vocabulary]: T. */
  readonly occurrences: Uint32Array
  /** Over tokens that have a category. */
  readonly chances: TopCategoryChances
}

/** A category's shares of a module, each beside what firings drawn by token frequency alone would give. */
export interface CategoryShares {
  /** Of the subcomponents of high concentration, those whose most frequent token is of it; null where none is. */
  readonly highConcentration: number | null
  readonly highConcentrationExpected: number | null
  /** Of the active ones; null where none is. */
  readonly active: number | null
  readonly activeExpected: number | null
  /** Σ of m over its tokens / F, mean over the active ones; null where none is. */
  readonly firings: number | null
  /** Share of all the module's subcomponents that a token of it activates, mean over those that occur; null where none does. */
  readonly tokens: number | null
  readonly tokensExpected: number | null
}

/** The shares of a module's categories, in their order. Tokens without a category count as no category's. */
export function categoryShares(
  tokenCounts: readonly TokenCounts[],
  isHighConcentration: readonly boolean[],
  known: CategorisedTokens,
): CategoryShares[] {
  const active = tokenCounts.flatMap((counts, c) => {
    const F = totalCount(counts)
    return F === 0 ? [] : [{ counts, F, isHigh: isHighConcentration[c] === true }]
  })
  const high = active.filter(({ isHigh }) => isHigh)
  const tops = {
    high: topShares(high, known),
    highExpected: expectedTopShares(high, known),
    active: topShares(active, known),
    activeExpected: expectedTopShares(active, known),
  }
  const firings = firingShares(active, known)
  const tokens = tokenShares(active, tokenCounts.length, known)
  return Array.from({ length: known.categoryCount }, (_, k) => ({
    highConcentration: tops.high?.[k] ?? null,
    highConcentrationExpected: tops.highExpected?.[k] ?? null,
    active: tops.active?.[k] ?? null,
    activeExpected: tops.activeExpected?.[k] ?? null,
    firings: firings?.[k] ?? null,
    tokens: tokens[k]?.share ?? null,
    tokensExpected: tokens[k]?.expected ?? null,
  }))
}

interface ActiveCounts {
  readonly counts: TokenCounts
  readonly F: number
}

function topShares(subcomponents: readonly ActiveCounts[], known: CategorisedTokens): Float64Array | null {
  return meanOver(subcomponents, known.categoryCount, ({ counts }, sums) => {
    const [top] = topTokens(counts, 1)
    const category = known.categories[top?.tokenId ?? 0] ?? -1
    if (category >= 0) sums[category] = (sums[category] ?? 0) + 1
  })
}

function expectedTopShares(subcomponents: readonly ActiveCounts[], known: CategorisedTokens): Float64Array | null {
  return meanOver(subcomponents, known.categoryCount, ({ F }, sums) => {
    for (const [k, chance] of known.chances.at(F).entries()) sums[k] = (sums[k] ?? 0) + chance
  })
}

function firingShares(subcomponents: readonly ActiveCounts[], known: CategorisedTokens): Float64Array | null {
  return meanOver(subcomponents, known.categoryCount, ({ counts: { tokenIds, counts }, F }, sums) => {
    for (const [i, id] of tokenIds.entries()) {
      const category = known.categories[id] ?? -1
      if (category >= 0) sums[category] = (sums[category] ?? 0) + (counts[i] ?? 0) / F
    }
  })
}

function meanOver(
  subcomponents: readonly ActiveCounts[],
  K: number,
  add: (subcomponent: ActiveCounts, sums: Float64Array) => void,
): Float64Array | null {
  if (subcomponents.length === 0) return null
  const sums = new Float64Array(K)
  for (const subcomponent of subcomponents) add(subcomponent, sums)
  return sums.map((sum) => sum / subcomponents.length)
}

/** Means over the tokens of each category that occur of the share of the module's C subcomponents each activates, and of the share expected. */
function tokenShares(
  active: readonly ActiveCounts[],
  C: number,
  { categoryCount, categories, occurrences }: CategorisedTokens,
): { readonly share: number | null; readonly expected: number | null }[] {
  const activated = new Uint32Array(categories.length)
  for (const { counts } of active) for (const id of counts.tokenIds) activated[id] = (activated[id] ?? 0) + 1
  const expectedOf = createExpectedShare(active, C, occurrences)
  const sums = Array.from({ length: categoryCount }, () => ({ tokens: 0, activated: 0, expected: 0 }))
  for (const [id, category] of categories.entries()) {
    const sum = sums[category]
    const T = occurrences[id] ?? 0
    if (sum === undefined || T === 0) continue
    sum.tokens += 1
    sum.activated += (activated[id] ?? 0) / C
    sum.expected += expectedOf(T)
  }
  return sums.map(({ tokens, activated: total, expected }) =>
    tokens > 0 ? { share: total / tokens, expected: expected / tokens } : { share: null, expected: null },
  )
}

/** Share of C subcomponents that a token with T occurrences activates at least once in F draws: the mean of 1 − (1 − T/N)^F. */
function createExpectedShare(
  active: readonly ActiveCounts[],
  C: number,
  occurrences: Uint32Array,
): (T: number) => number {
  const N = occurrences.reduce((sum, T) => sum + T, 0)
  const byFirings = new Map<number, number>()
  for (const { F } of active) byFirings.set(F, (byFirings.get(F) ?? 0) + 1)
  const shares = new Map<number, number>()
  return (T) => {
    let share = shares.get(T)
    if (share === undefined) {
      share = 0
      const logAbsence = Math.log1p(-T / N)
      // No draw at all of the only token there is: 0 · ∞ does not arise, F being at least 1.
      for (const [F, count] of byFirings) share -= (Math.expm1(F * logAbsence) * count) / C
      shares.set(T, share)
    }
    return share
  }
}
