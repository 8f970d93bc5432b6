import type { TokenCounts } from './TokenCounts.ts'
import { totalCount } from './TokenCounts.ts'

/** Firings to which unique tokens are rarefied. */
export const RAREFIED_FIRINGS = 100

/**
 * Unique tokens expected among `n` firings drawn without replacement from those of `counts`, Σ 1 − C(F − m, n)/C(F, n)
 * (Hurlbert 1971), to which the number of firings adds nothing; null where there are fewer.
 */
export function rarefiedUniqueTokens(counts: TokenCounts, n = RAREFIED_FIRINGS): number | null {
  const F = totalCount(counts)
  if (F < n) return null
  const absence = new Map<number, number>()
  let expected = 0
  for (const m of counts.counts) {
    let chance = absence.get(m)
    if (chance === undefined) {
      chance = absenceChance(F, m, n)
      absence.set(m, chance)
    }
    expected += 1 - chance
  }
  return expected
}

/** C(F − m, n)/C(F, n): that none of m firings is among n of F. */
function absenceChance(F: number, m: number, n: number): number {
  if (F - m < n) return 0
  // The product over the fewer of n and m factors; both are the same number.
  const [factors, less] = m < n ? [m, n] : [n, m]
  let chance = 1
  for (let i = 0; i < factors; i++) chance *= (F - less - i) / (F - i)
  return chance
}
