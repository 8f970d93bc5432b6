import { AtlasError } from '../../errors/AtlasError.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import { decodeCounts, encodeCounts } from './byteNumbers.ts'
import { ascendingOf, distancesOf } from './distances.ts'
import { expectLength } from './expectLength.ts'
import { joined } from './tokenCountColumns.ts'

/** The row of `token_subcomponents`. */
export interface TokenColumns {
  readonly tokens: Uint8Array
  readonly modules: number
  readonly levels: number
  readonly run_level: number
  readonly active: Uint8Array
  readonly ranks: Uint8Array
  readonly counts: Uint8Array
}

/** What the tokens of a file activate. */
export interface BlockTokens {
  readonly levelCount: number
  /** Index of the run's threshold among the levels. */
  readonly runLevel: number
  /** Those that activate any at any level, ascending. */
  readonly tokenIds: Uint32Array
  /** For each of them, for each module. */
  readonly tokens: readonly (readonly TokenInModule[])[]
}

/** What a token activates of a module. */
export interface TokenInModule {
  /** Of each level, ascending: how many subcomponents. */
  readonly active: ArrayLike<number>
  /** At the run's threshold: their activity ranks, from 0, ascending. */
  readonly ranks: Uint32Array
  /** m of each. */
  readonly counts: Uint32Array
}

export function encodeTokens({ levelCount, runLevel, tokenIds, tokens }: BlockTokens): TokenColumns {
  const all = tokens.flat()
  const active: number[] = []
  for (let level = 0; level < levelCount; level++) {
    for (const own of all)
      active.push(level === 0 ? (own.active[0] ?? 0) : (own.active[level - 1] ?? 0) - (own.active[level] ?? 0))
  }
  return {
    tokens: encodeVarints(distancesOf(tokenIds)),
    modules: tokens[0]?.length ?? 0,
    levels: levelCount,
    run_level: runLevel,
    active: encodeVarints(active),
    ranks: encodeVarints(joined(all.map(({ ranks }) => distancesOf(ranks)))),
    counts: encodeCounts(joined(all.map(({ counts }) => counts))),
  }
}

export function decodeTokens(columns: TokenColumns): BlockTokens {
  const place = 'token_subcomponents'
  const { modules, levels, run_level: runLevel } = columns
  if (!(runLevel >= 0 && runLevel < levels)) {
    throw new AtlasError('bundle/corrupt', `${place}: run_level ${runLevel}, of ${levels} levels`)
  }
  const tokenIds = ascendingOf(decodeVarints(columns.tokens, `${place}, tokens`), place)
  const { length } = tokenIds
  const cells = modules * length
  const active = decodeVarints(columns.active, `${place}, active`)
  expectLength(`${place}, active`, 'numbers', active.length, levels * cells)
  for (let i = cells; i < active.length; i++) {
    const below = active[i - cells] ?? 0
    const fewer = active[i] ?? 0
    if (fewer > below) throw new AtlasError('bundle/corrupt', `${place}, active: ${fewer} fewer than ${below}`)
    active[i] = below - fewer
  }
  const distances = decodeVarints(columns.ranks, `${place}, ranks`)
  const counts = decodeCounts(columns.counts, distances.length, `${place}, counts`)
  let start = 0
  const tokens = Array.from({ length }, (_, token) =>
    Array.from({ length: modules }, (__, module) => {
      const cell = token * modules + module
      const ofLevels = Array.from({ length: levels }, (___, level) => active[level * cells + cell] ?? 0)
      const end = start + (ofLevels[runLevel] ?? 0)
      const own = {
        active: ofLevels,
        ranks: ascendingOf(distances.subarray(start, end), place),
        counts: counts.subarray(start, end),
      }
      start = end
      return own
    }),
  )
  expectLength(`${place}, ranks`, 'numbers', distances.length, start)
  return { levelCount: levels, runLevel, tokenIds, tokens }
}
