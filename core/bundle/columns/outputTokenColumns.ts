import { AtlasError } from '../../errors/AtlasError.ts'
import type { TokenMass } from '../../statistics/TokenMass.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import { ascendingOf, distancesOf } from './distances.ts'
import { expectLength, startsOf } from './expectLength.ts'
import { decodeReals, encodeReals } from './roundedReals.ts'
import { joined } from './tokenCountColumns.ts'

/** The row of `output_token`. */
export interface OutputTokenColumns {
  readonly lengths: Uint8Array
  readonly token_ranks: Uint8Array
  readonly mass: Uint8Array
}

/** The output tokens of a file's subcomponents, ranks in the place of ids, ascending. */
export function encodeOutputTokens(byRank: readonly (readonly TokenMass[])[]): OutputTokenColumns {
  return {
    lengths: encodeVarints(byRank.map(({ length }) => length)),
    token_ranks: encodeVarints(joined(byRank.map((own) => distancesOf(own.map(({ tokenId }) => tokenId))))),
    mass: encodeReals(byRank.flatMap((own) => own.map(({ mass }) => mass))),
  }
}

export function decodeOutputTokens(columns: OutputTokenColumns, length: number): TokenMass[][] {
  const place = 'output_token'
  const lengths = decodeVarints(columns.lengths, place)
  expectLength(place, 'lengths', lengths.length, length)
  const starts = startsOf(lengths)
  const distances = decodeVarints(columns.token_ranks, place)
  const masses = decodeReals(columns.mass, place)
  expectLength(place, 'token ranks', distances.length, starts.at(-1) ?? 0)
  expectLength(place, 'masses', masses.length, distances.length)
  return Array.from(lengths, (_, i) => {
    const start = starts[i] ?? 0
    const ranks = ascendingOf(distances.subarray(start, starts[i + 1]), place)
    return Array.from(ranks, (tokenId, k) => {
      const mass = masses[start + k] ?? null
      if (mass !== null && mass >= 0) return { tokenId, mass }
      throw new AtlasError('bundle/corrupt', `${place}: mass ${mass}, expected 0 or more`)
    })
  })
}
