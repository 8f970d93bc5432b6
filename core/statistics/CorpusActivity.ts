import type { HarvestSettings } from './HarvestSettings.ts'
import { JACKKNIFE_BLOCKS } from './HarvestSettings.ts'

/** What a harvest counts of its stories, whatever the modules do. */
export interface CorpusActivity {
  storyCount: number
  positionCount: number
  /** Positions of the sample (`isSampledPosition`). */
  sampledPositionCount: number
  /** uint32[vocabulary]: T of each token. */
  readonly occurrences: Uint32Array
  /** uint32[contextLength]: stories that reach the position. */
  readonly storiesByPosition: Uint32Array
  /** float64[JACKKNIFE_BLOCKS]: positions of the stories of a block. */
  readonly blockPositions: Float64Array
  /** uint32[vocabulary, K]: occurrences of a token by the category it has in its context. */
  readonly categoryCounts: Uint32Array
}

/** Counts of no stories. */
export function createCorpusActivity(settings: HarvestSettings): CorpusActivity {
  const { vocabularySize, contextLength, categoryCount } = settings
  return {
    storyCount: 0,
    positionCount: 0,
    sampledPositionCount: 0,
    occurrences: new Uint32Array(vocabularySize),
    storiesByPosition: new Uint32Array(contextLength),
    blockPositions: new Float64Array(JACKKNIFE_BLOCKS),
    categoryCounts: new Uint32Array(vocabularySize * categoryCount),
  }
}
