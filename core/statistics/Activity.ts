import { ACTIVATION_BINS } from './activationBin.ts'
import { type CorpusActivity, createCorpusActivity } from './CorpusActivity.ts'
import { createFiringSample, type FiringSample } from './FiringSample.ts'
import { CI_STEPS, type HarvestSettings, JACKKNIFE_BLOCKS } from './HarvestSettings.ts'

/** What a harvest gathers over some stories beside its firing counts (FiringCountTable): plain arrays of whole numbers. */
export interface Activity {
  readonly settings: HarvestSettings
  readonly corpus: CorpusActivity
  /** In order of execution. */
  readonly modules: readonly ModuleActivity[]
}

/**
 * Activity of one module's C subcomponents at G levels, row-major arrays, exact in any order of adding up.
 *
 * Memory in bytes a subcomponent: 664 + 4 G + (k + s)(20 + W) + 10, of k uniform and s strongest examples with windows
 * of W positions: 1,940 at G = 9, k = 20, s = 10, W = 21, which is 217 MB for 112,000 subcomponents, whatever the
 * vocabulary. Each thread has it once, beside its FiringLog (256 MB unless told otherwise); mergeHarvests has that of one
 * module twice (16 MB for 4,000 subcomponents) and some 60 MB of its runs.
 */
export interface ModuleActivity {
  /** float64[C]: Σ CI over all positions in units of CI_UNIT, whole numbers. */
  readonly ciSums: Float64Array
  /** uint32[C, G]: positions where c is in bin b (`binOf`) at [c, b − 1]; active at level g is the sum over b > g. */
  readonly binCounts: Uint32Array
  /** uint32[C, JACKKNIFE_BLOCKS]: firings at the run's threshold, by block of their story. */
  readonly blockCounts: Uint32Array
  /** uint32[C, CI_STEPS]: firings at the run's threshold, by min(19, ⌊20 CI⌋). */
  readonly ciHistogram: Uint32Array
  /** uint32[C, ACTIVATION_BINS]: firings at the run's threshold, by `activationBin` of h. */
  readonly activationHistogram: Uint32Array
  /** uint32[C, ACTIVATION_BINS]: sampled positions, active or not, by `activationBin` of h. */
  readonly sampledActivationHistogram: Uint32Array
  /** float64[contextLength, G]: subcomponents in bin b at position p of a story, summed over stories, at [p, b − 1]. */
  readonly l0ByPosition: Float64Array
  /** A uniform sample of the firings at the run's threshold: the smallest by `firingHash`. */
  readonly sampled: FiringSample
  /** The firings at the run's threshold with the greatest |h|: the smallest by `strengthKey`. */
  readonly strongest: FiringSample
}

/**
 * Causal importances are summed in whole multiples of 2⁻²⁴, float32's own step just below 1: off by at most 3e-8 a
 * position, and exact until a sum reaches 2⁵³ of them (2²⁹ positions of CI 1), where merging refuses it.
 */
export const CI_UNIT = 2 ** -24

/** Activity of no stories. */
export function createActivity(settings: HarvestSettings): Activity {
  return {
    settings,
    corpus: createCorpusActivity(settings),
    modules: settings.modules.map(({ C }) => createModuleActivity(settings, C)),
  }
}

/** Activity of C subcomponents over no stories. */
export function createModuleActivity(settings: HarvestSettings, C: number): ModuleActivity {
  const { levels, contextLength, examplesPerSubcomponent, strongestPerSubcomponent, windowRadius } = settings
  return {
    ciSums: new Float64Array(C),
    binCounts: new Uint32Array(C * levels.length),
    blockCounts: new Uint32Array(C * JACKKNIFE_BLOCKS),
    ciHistogram: new Uint32Array(C * CI_STEPS),
    activationHistogram: new Uint32Array(C * ACTIVATION_BINS),
    sampledActivationHistogram: new Uint32Array(C * ACTIVATION_BINS),
    l0ByPosition: new Float64Array(contextLength * levels.length),
    sampled: createFiringSample(C, examplesPerSubcomponent, windowRadius),
    strongest: createFiringSample(C, strongestPerSubcomponent, windowRadius),
  }
}
