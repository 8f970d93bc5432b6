import { RandomStream } from './RandomStream.ts'

/** Densities are spread evenly in their logarithm between these. */
const LEAST_DENSITY = 1e-5
const MOST_DENSITY = 0.3
/** One in a hundred of the active subcomponents, and one where there are but few, is active nearly everywhere. */
const BROAD_SHARE = 0.01
const LEAST_BROAD_DENSITY = 0.5
const MOST_BROAD_DENSITY = 0.98

/** Which subcomponents of a module are to be active, and at what share of positions. */
export interface FiringPlan {
  /** Rarest first. */
  readonly active: readonly { readonly subcomponent: number; readonly density: number }[]
  readonly dead: readonly number[]
}

/** `activeCount` of `C` subcomponents at random, with densities log-uniform over 1e-5 to 0.3 and a few of 0.5 to 0.98. */
export function planFiring(seed: number, path: string, C: number, activeCount: number): FiringPlan {
  const order = [...new RandomStream(seed, `${path} active`).permutation(C)]
  const active = order
    .slice(0, activeCount)
    .map((subcomponent, i) => ({ subcomponent, density: densityAt(i, activeCount) }))
  return { active: active.sort((a, b) => a.density - b.density), dead: order.slice(activeCount) }
}

function densityAt(i: number, activeCount: number): number {
  const broadCount = Math.ceil(activeCount * BROAD_SHARE)
  if (i < broadCount) {
    return LEAST_BROAD_DENSITY + ((i + 0.5) / broadCount) * (MOST_BROAD_DENSITY - LEAST_BROAD_DENSITY)
  }
  const place = (i - broadCount + 0.5) / (activeCount - broadCount)
  return LEAST_DENSITY * (MOST_DENSITY / LEAST_DENSITY) ** place
}
