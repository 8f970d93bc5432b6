import { AtlasError } from '../errors/AtlasError.ts'
import type { CoFiringPartner } from '../statistics/CoFiringPartner.ts'
import { coFiringPmi, firesGivenPartner, jaccard, partnerGivenFires } from '../statistics/coFiringAssociation.ts'
import { decodeAddressCounts } from './addressCountsBlob.ts'
import { hasTable, type IndexDatabase, queryEach, queryRows } from './IndexDatabase.ts'
import { querySample } from './querySample.ts'
import { querySubcomponent, type SubcomponentAddress } from './querySubcomponent.ts'

/** A subcomponent d that is active together with the one asked for, c. */
export interface CoFiringRow extends SubcomponentAddress {
  /** n, positions where both are active. */
  readonly count: number
  /** F_c, on the same positions: trials of P(d|c), for an interval. */
  readonly firings: number
  /** F_d, on the same positions: trials of P(c|d). */
  readonly partnerFirings: number
  /** P(d|c) */
  readonly partnerGivenFires: number
  /** P(c|d) */
  readonly firesGivenPartner: number
  readonly jaccard: number
  /** In nats. */
  readonly pmi: number
}

/**
 * Counts are over the sampled positions where the index has a sample (`querySample`), over all positions elsewhere.
 * The partners of the subcomponent at `address`, most n first, then the lower address: those first by n, by P(c|d) or by
 * Jaccard of all there are. null where the index has no co-firings.
 */
export function queryCoFirings(
  detail: IndexDatabase,
  summary: IndexDatabase,
  address: SubcomponentAddress,
  positionCount: number,
): CoFiringRow[] | null {
  if (!hasTable(detail, 'co_firing')) return null
  // By address, so that a stable sort leaves equals in that order.
  const partners = queryPartners(detail, address.subcomponent).sort((a, b) => b.count - a.count)
  const own = querySubcomponent(summary, address)
  const Fc = own.sampledCount ?? own.activationCount
  const N = querySample(summary)?.positions ?? positionCount
  const activationCounts = queryActivationCounts(summary, partners)
  return partners.map((partner, i) => {
    const counts = { n: partner.count, Fc, Fd: activationCounts[i] ?? 0, N }
    return {
      ...partner,
      firings: Fc,
      partnerFirings: counts.Fd,
      partnerGivenFires: partnerGivenFires(counts),
      firesGivenPartner: firesGivenPartner(counts),
      jaccard: jaccard(counts),
      pmi: coFiringPmi(counts),
    }
  })
}

/** The partners of subcomponent `subcomponent` of a detail file with co-firings, by address. */
export function queryPartners(detail: IndexDatabase, subcomponent: number): CoFiringPartner[] {
  const sql = 'SELECT partners FROM co_firing WHERE subcomponent = ?'
  const [blob = new Uint8Array(0)] = queryRows(detail, sql, [subcomponent], (row) => row.blob('partners'))
  return decodeAddressCounts(blob, `partners of subcomponent ${subcomponent}`)
}

function queryActivationCounts(summary: IndexDatabase, addresses: readonly SubcomponentAddress[]): number[] {
  const sql = `SELECT coalesce(sampled_count, activation_count) AS firings FROM subcomponent
    WHERE module_id = ? AND subcomponent = ?`
  const values = addresses.map(({ moduleId, subcomponent }) => [moduleId, subcomponent])
  return queryEach(summary, sql, values, (row) => row.integer('firings')).map(([count], i) => {
    if (count !== undefined) return count
    throw new AtlasError(
      'bundle/corrupt',
      `index: a partner is subcomponent ${values[i]?.join(':')}, which is none of it`,
    )
  })
}
