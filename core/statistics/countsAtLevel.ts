import type { FiringCounts } from './FiringCounts.ts'
import { JACKKNIFE_BLOCKS } from './HarvestSettings.ts'
import type { TokenCounts } from './TokenCounts.ts'

/** Token counts of a module's subcomponents at one level, with what a block of stories adds to them. */
export interface LevelCounts {
  readonly tokenCounts: readonly TokenCounts[]
  /** uint32[C, JACKKNIFE_BLOCKS]: unique tokens that are lost where the block is left out. */
  readonly lostTokens: Uint32Array
}

/** The counts at level `level` (an index): of all bins above it. */
export function countsAtLevel(counts: FiringCounts, level: number): LevelCounts {
  const C = counts.starts.length - 1
  const lostTokens = new Uint32Array(C * JACKKNIFE_BLOCKS)
  const tokenCounts = Array.from({ length: C }, (_, c) => subcomponentCounts(counts, level, c, lostTokens))
  return { tokenCounts, lostTokens }
}

function subcomponentCounts(
  { starts, tokenIds, bins, counts, blocks }: FiringCounts,
  level: number,
  c: number,
  lostTokens: Uint32Array,
): TokenCounts {
  const start = starts[c] ?? 0
  const end = starts[c + 1] ?? start
  const ids = new Uint32Array(end - start)
  const sums = new Uint32Array(end - start)
  const masks = new Uint16Array(end - start)
  let size = 0
  for (let i = start; i < end; i++) {
    if ((bins[i] ?? 0) <= level) continue
    const id = tokenIds[i] ?? 0
    if (size === 0 || ids[size - 1] !== id) ids[size++] = id
    sums[size - 1] = (sums[size - 1] ?? 0) + (counts[i] ?? 0)
    masks[size - 1] = (masks[size - 1] ?? 0) | (blocks[i] ?? 0)
  }
  for (let i = 0; i < size; i++) {
    const mask = masks[i] ?? 0
    if ((mask & (mask - 1)) !== 0 || mask === 0) continue
    const slot = c * JACKKNIFE_BLOCKS + Math.log2(mask)
    lostTokens[slot] = (lostTokens[slot] ?? 0) + 1
  }
  return { tokenIds: ids.slice(0, size), counts: sums.slice(0, size) }
}
