import { jaccard } from './coFiringAssociation.ts'
import { TopScores } from './TopScores.ts'

/** Least firings of a partner for it to be ranked by P(c|d): below, it is chance. */
const MIN_PARTNER_FIRINGS = 5

/** Subcomponents by their place among those of all modules, and how often they are active with the one at hand. */
export interface PartnerCounts {
  /** n, by place. */
  readonly counts: ArrayLike<number>
  /** F_d, by place. */
  readonly firings: ArrayLike<number>
  /** Where n is above 0, ascending; all places are looked at where it is not told. */
  readonly places?: Uint32Array
}

/**
 * The `limit` partners of `self` first by n (the order of P(d|c)), by P(c|d) (the order of PMI) and by Jaccard, together;
 * itself and those with n = 0 left out, the lower place first on ties.
 */
export function strongestPartners(self: number, { counts, firings, places }: PartnerCounts, limit: number): number[] {
  const byCount = new TopScores(limit)
  const byShare = new TopScores(limit)
  const byJaccard = new TopScores(limit)
  const Fc = firings[self] ?? 0
  const length = places?.length ?? counts.length
  for (let i = 0; i < length; i++) {
    const partner = places === undefined ? i : (places[i] ?? 0)
    const n = counts[partner] ?? 0
    if (n === 0 || partner === self) continue
    const Fd = firings[partner] ?? 0
    byCount.offer(partner, n)
    if (Fd >= MIN_PARTNER_FIRINGS) byShare.offer(partner, n / Fd)
    byJaccard.offer(partner, jaccard({ n, Fc, Fd }))
  }
  return [...new Set([...byCount.indices, ...byShare.indices, ...byJaccard.indices])]
}
