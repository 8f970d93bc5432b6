import { invariant } from '../errors/invariant.ts'
import { createFiringSample, type FiringSample, offerFiring, sampledFirings } from './FiringSample.ts'

/**
 * What a harvest gathers over a corpus or any part of it: plain arrays, exact, so that merged parts are equal to the
 * whole bit by bit. Memory: 4 · vocabulary · ΣC bytes of counts, and ΣC · (8 + k (20 + W)) bytes beside them.
 */
export interface Activity {
  readonly settings: ActivitySettings
  storyCount: number
  positionCount: number
  /** uint32[vocabulary]: T of each token. */
  readonly occurrences: Uint32Array
  readonly modules: readonly ModuleActivity[]
}

/** What must be equal for two activities to be merged. */
export interface ActivitySettings {
  readonly vocabularySize: number
  /** Active is CI strictly greater. */
  readonly threshold: number
  readonly exampleSeed: number
  /** k, at most 255. */
  readonly examplesPerSubcomponent: number
  /** Positions an example's window reaches each way. */
  readonly windowRadius: number
  readonly modules: readonly { readonly path: string; readonly C: number }[]
}

/** Activity of one module's C subcomponents. */
export interface ModuleActivity {
  /** uint32[vocabulary, C]: m, token-major, so that one position touches one row. */
  readonly tokenCounts: Uint32Array
  /** float64[C]: Σ CI over all positions in units of CI_UNIT, whole numbers, whose sums are exact in any order. */
  readonly ciSums: Float64Array
  readonly examples: FiringSample
}

/**
 * Causal importances are summed in whole multiples of 2⁻²⁴, float32's own step just below 1: exact up to 2²⁹ positions,
 * off by at most 3e-8 a position.
 */
export const CI_UNIT = 2 ** -24

/** Activity of no stories. */
export function createActivity(settings: ActivitySettings): Activity {
  return {
    settings,
    storyCount: 0,
    positionCount: 0,
    occurrences: new Uint32Array(settings.vocabularySize),
    modules: settings.modules.map(({ C }) => ({
      tokenCounts: new Uint32Array(settings.vocabularySize * C),
      ciSums: new Float64Array(C),
      examples: createFiringSample(C, settings.examplesPerSubcomponent, settings.windowRadius),
    })),
  }
}

/** Adds the activity of other stories to `total`; both must have the same settings and share no story. */
export function mergeActivity(total: Activity, part: Activity): void {
  invariant(
    JSON.stringify(total.settings) === JSON.stringify(part.settings),
    'merging activities with different settings',
  )
  total.storyCount += part.storyCount
  total.positionCount += part.positionCount
  addInto(total.occurrences, part.occurrences)
  for (const [i, module] of total.modules.entries()) {
    const other = part.modules[i]
    invariant(other !== undefined, `activity lacks module ${i}`)
    addInto(module.tokenCounts, other.tokenCounts)
    addInto(module.ciSums, other.ciSums)
    for (let c = 0; c < module.ciSums.length; c++) {
      for (const firing of sampledFirings(other.examples, c)) offerFiring(module.examples, c, firing)
    }
  }
}

function addInto(total: Uint32Array | Float64Array, part: Uint32Array | Float64Array): void {
  for (let i = 0; i < part.length; i++) total[i] = (total[i] ?? 0) + (part[i] ?? 0)
}
