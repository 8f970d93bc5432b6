import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import { decodeCounts, encodeCounts } from './byteNumbers.ts'
import { ascendingOf, distancesOf } from './distances.ts'
import { expectLength, startsOf } from './expectLength.ts'

/** The row of `token_counts`: what all active subcomponents of a file are active on. */
export interface TokenCountColumns {
  readonly subcomponents: Uint8Array
  readonly lengths: Uint8Array
  readonly token_ranks: Uint8Array
  readonly counts: Uint8Array
}

/** A file's subcomponents, their numbers ascending, each with its token counts. */
export interface BlockCounts {
  readonly subcomponents: Uint32Array
  /** By frequency rank in the place of the id, ranks ascending. */
  readonly byRank: readonly TokenCounts[]
}

/** `counts` under the frequency ranks of their tokens, ascending. */
export function countsByRank({ tokenIds, counts }: TokenCounts, ranks: Uint32Array): TokenCounts {
  // Rank and place in one number, since plain numbers sort fast.
  const order = Float64Array.from(tokenIds, (id, i) => (ranks[id] ?? 0) * 2 ** 26 + i).sort()
  return {
    tokenIds: Uint32Array.from(order, (key) => Math.floor(key / 2 ** 26)),
    counts: Uint32Array.from(order, (key) => counts[key % 2 ** 26] ?? 0),
  }
}

export function encodeTokenCountColumns({ subcomponents, byRank }: BlockCounts): TokenCountColumns {
  return {
    subcomponents: encodeVarints(distancesOf(subcomponents)),
    lengths: encodeVarints(byRank.map(({ counts }) => counts.length)),
    token_ranks: encodeVarints(joined(byRank.map(({ tokenIds }) => distancesOf(tokenIds)))),
    counts: encodeCounts(joined(byRank.map(({ counts }) => counts))),
  }
}

export function decodeTokenCountColumns(columns: TokenCountColumns): BlockCounts {
  const place = 'token_counts'
  const subcomponents = ascendingOf(decodeVarints(columns.subcomponents, place), place)
  const lengths = decodeVarints(columns.lengths, place)
  expectLength(place, 'lengths', lengths.length, subcomponents.length)
  const starts = startsOf(lengths)
  const distances = decodeVarints(columns.token_ranks, place)
  expectLength(place, 'token ranks', distances.length, starts.at(-1) ?? 0)
  const counts = decodeCounts(columns.counts, distances.length, place)
  return {
    subcomponents,
    byRank: Array.from(lengths, (_, i) => ({
      tokenIds: ascendingOf(distances.subarray(starts[i], starts[i + 1]), place),
      counts: counts.subarray(starts[i], starts[i + 1]),
    })),
  }
}

/** The `arrays`, one after the other. */
export function joined(arrays: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const array of arrays) {
    whole.set(array, offset)
    offset += array.length
  }
  return whole
}
