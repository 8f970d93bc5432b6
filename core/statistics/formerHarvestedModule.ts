import type { FiringSample } from './FiringSample.ts'
import type { ModuleActivity } from './formerActivity.ts'
import type { TokenCounts } from './TokenCounts.ts'

/** What a harvest found of one module's C subcomponents: its activity with the counts by subcomponent, without zeros. */
export interface HarvestedModule {
  readonly tokenCounts: readonly TokenCounts[]
  /** float64[C]: Σ CI over all positions, in units of CI_UNIT. */
  readonly ciSums: Float64Array
  readonly examples: FiringSample
}

/** The activity of `module`, its counts turned round. */
export function harvestedModuleOf(module: ModuleActivity): HarvestedModule {
  const { ciSums, examples } = module
  return { tokenCounts: Array.from(ciSums, (_, c) => tokenCountsOf(module, c)), ciSums, examples }
}

/** The tokens subcomponent `c` is active on. */
export function tokenCountsOf({ tokenCounts, ciSums }: ModuleActivity, c: number): TokenCounts {
  const C = ciSums.length
  const tokenIds: number[] = []
  const counts: number[] = []
  for (let tokenId = 0, i = c; i < tokenCounts.length; tokenId++, i += C) {
    const count = tokenCounts[i] ?? 0
    if (count === 0) continue
    tokenIds.push(tokenId)
    counts.push(count)
  }
  return { tokenIds: Uint32Array.from(tokenIds), counts: Uint32Array.from(counts) }
}
