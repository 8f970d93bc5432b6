import { decodeVarints, encodeVarints } from '../varints.ts'
import { decodeCounts, encodeCounts } from './byteNumbers.ts'
import { ascendingOf, distancesOf } from './distances.ts'
import { expectLength, startsOf } from './expectLength.ts'
import { joined } from './tokenCountColumns.ts'

/** The row of `co_firing`. */
export interface PartnerColumns {
  readonly lengths: Uint8Array
  readonly partners: Uint8Array
  readonly counts: Uint8Array
}

/** A partner by how many subcomponents of the run stand before it. */
export interface NumberedPartner {
  readonly number: number
  /** n, at least 1. */
  readonly count: number
}

/** The partners of a file's subcomponents, numbers ascending. */
export function encodePartners(partners: readonly (readonly NumberedPartner[])[]): PartnerColumns {
  return {
    lengths: encodeVarints(partners.map(({ length }) => length)),
    partners: encodeVarints(joined(partners.map((own) => distancesOf(own.map(({ number }) => number))))),
    counts: encodeCounts(Uint32Array.from(partners.flatMap((own) => own.map(({ count }) => count)))),
  }
}

export function decodePartners(columns: PartnerColumns, length: number): NumberedPartner[][] {
  const place = 'co_firing'
  const lengths = decodeVarints(columns.lengths, place)
  expectLength(place, 'lengths', lengths.length, length)
  const starts = startsOf(lengths)
  const distances = decodeVarints(columns.partners, place)
  expectLength(place, 'partners', distances.length, starts.at(-1) ?? 0)
  const counts = decodeCounts(columns.counts, distances.length, place)
  return Array.from(lengths, (_, i) => {
    const start = starts[i] ?? 0
    const numbers = ascendingOf(distances.subarray(start, starts[i + 1]), place)
    return Array.from(numbers, (number, k) => ({ number, count: counts[start + k] ?? 0 }))
  })
}
