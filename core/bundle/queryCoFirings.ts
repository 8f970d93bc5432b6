import { AtlasError } from '../errors/AtlasError.ts'
import type { CoFiringPartner } from '../statistics/CoFiringPartner.ts'
import { coFiringPmi, firesGivenPartner, jaccard, partnerGivenFires } from '../statistics/coFiringAssociation.ts'
import { startsOf } from './columns/expectLength.ts'
import { detailBlockOf } from './detailBlock.ts'
import { type IndexDatabase, queryEach } from './IndexDatabase.ts'
import { queryModules } from './queryModules.ts'
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
  const starts = startsOf(queryModules(summary).map(({ c }) => c))
  // By address, so that a stable sort leaves equals in that order.
  const partners = queryPartners(detail, starts, address.subcomponent)?.sort((a, b) => b.count - a.count)
  if (partners === undefined) return null
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

/**
 * The partners of subcomponent `subcomponent` of a detail file, by address, where each module's subcomponents have so many
 * before them; undefined where the file has no co-firings. Partners beyond the last module are of it.
 */
export function queryPartners(
  detail: IndexDatabase,
  moduleStarts: Float64Array,
  subcomponent: number,
): CoFiringPartner[] | undefined {
  const { partners, indexOf } = detailBlockOf(detail)
  if (partners === null) return undefined
  let moduleId = 0
  return (partners[indexOf(subcomponent)] ?? []).map(({ number, count }) => {
    while (moduleId + 2 < moduleStarts.length && number >= (moduleStarts[moduleId + 1] ?? 0)) moduleId++
    return { moduleId, subcomponent: number - (moduleStarts[moduleId] ?? 0), count }
  })
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
