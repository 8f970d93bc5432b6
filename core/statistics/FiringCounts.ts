import type { ByteSource } from '../bytes/ByteSource.ts'
import type { FiringShape } from './firingRun.ts'
import { readRun } from './readRun.ts'
import type { TokenCounts } from './TokenCounts.ts'

/**
 * Every (subcomponent, token, bin) of a module that occurs, sorted by all three: plain arrays, one entry each, 11 bytes.
 * Subcomponent c has the entries starts[c] ≤ i < starts[c + 1].
 */
export interface FiringCounts {
  /** uint32[C + 1] */
  readonly starts: Uint32Array
  readonly tokenIds: Uint32Array
  /** Number of levels the causal importance exceeds, 1 to G (`binOf`). */
  readonly bins: Uint8Array
  /** Positions, at least 1. */
  readonly counts: Uint32Array
  /** Bit b is set where stories of jackknife block b are among them. */
  readonly blocks: Uint16Array
}

/** The firing counts of the run that `source` holds, whole in memory. */
export async function readFiringCounts(source: ByteSource, shape: FiringShape): Promise<FiringCounts> {
  const { C, vocabularySize, levelCount } = shape
  const starts = new Uint32Array(C + 1)
  let columns = columnsOf(1024)
  let length = 0
  for await (const stripe of readRun(source, shape)) {
    if (length + stripe.length > columns.tokenIds.length) columns = copied(columns, 2 * (length + stripe.length))
    for (let i = 0; i < stripe.length; i++, length++) {
      const key = stripe.keys[i] ?? 0
      const cell = Math.floor(key / levelCount)
      const c = Math.floor(cell / vocabularySize)
      columns.tokenIds[length] = cell - c * vocabularySize
      columns.bins[length] = key - cell * levelCount + 1
      columns.counts[length] = stripe.counts[i] ?? 0
      columns.blocks[length] = stripe.blocks[i] ?? 0
      starts[c + 1] = (starts[c + 1] ?? 0) + 1
    }
  }
  for (let c = 0; c < C; c++) starts[c + 1] = (starts[c + 1] ?? 0) + (starts[c] ?? 0)
  const { tokenIds, bins, counts, blocks } = columns
  return {
    starts,
    tokenIds: tokenIds.slice(0, length),
    bins: bins.slice(0, length),
    counts: counts.slice(0, length),
    blocks: blocks.slice(0, length),
  }
}

/** The tokens that subcomponent `c` is active on at level `level`, an index of the settings' levels. */
export function tokenCountsAt({ starts, tokenIds, bins, counts }: FiringCounts, c: number, level: number): TokenCounts {
  const tokens: number[] = []
  const sums: number[] = []
  for (let i = starts[c] ?? 0; i < (starts[c + 1] ?? 0); i++) {
    if ((bins[i] ?? 0) <= level) continue
    const tokenId = tokenIds[i] ?? 0
    const count = counts[i] ?? 0
    if (tokens.at(-1) === tokenId) sums.push((sums.pop() ?? 0) + count)
    else {
      tokens.push(tokenId)
      sums.push(count)
    }
  }
  return { tokenIds: Uint32Array.from(tokens), counts: Uint32Array.from(sums) }
}

type Columns = Omit<FiringCounts, 'starts'>

function columnsOf(length: number): Columns {
  return {
    tokenIds: new Uint32Array(length),
    bins: new Uint8Array(length),
    counts: new Uint32Array(length),
    blocks: new Uint16Array(length),
  }
}

function copied(columns: Columns, length: number): Columns {
  const larger = columnsOf(length)
  larger.tokenIds.set(columns.tokenIds)
  larger.bins.set(columns.bins)
  larger.counts.set(columns.counts)
  larger.blocks.set(columns.blocks)
  return larger
}
