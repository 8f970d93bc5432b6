import { AtlasError } from '../errors/AtlasError.ts'
import type { ModuleActivity } from './Activity.ts'
import { addInto } from './addInto.ts'
import type { CorpusActivity } from './CorpusActivity.ts'
import { type FiringSample, offerFiring, sampledFirings } from './FiringSample.ts'

/** Counts are 32 bits wide: a corpus may have so many positions less one. */
const MAX_POSITIONS = 2 ** 32

/** Adds the counts of other stories; refuses (format/too-large) a corpus of 2³² positions. */
export function mergeCorpusActivity(total: CorpusActivity, part: CorpusActivity): void {
  const positions = total.positionCount + part.positionCount
  if (positions >= MAX_POSITIONS) {
    throw new AtlasError('format/too-large', `corpus: ${positions} positions, fewer than ${MAX_POSITIONS} are counted`)
  }
  total.storyCount += part.storyCount
  total.positionCount = positions
  total.sampledPositionCount += part.sampledPositionCount
  addInto(total.occurrences, part.occurrences, 'occurrences')
  addInto(total.storiesByPosition, part.storiesByPosition, 'stories by position')
  addInto(total.blockPositions, part.blockPositions, 'positions of a block')
  addInto(total.categoryCounts, part.categoryCounts, 'occurrences by category')
}

/** Adds the activity of other stories in the same module, counted with the same settings. */
export function mergeModuleActivity(total: ModuleActivity, part: ModuleActivity): void {
  addInto(total.ciSums, part.ciSums, 'causal importances')
  addInto(total.binCounts, part.binCounts, 'firings by level')
  addInto(total.blockCounts, part.blockCounts, 'firings by block')
  addInto(total.ciHistogram, part.ciHistogram, 'firings by causal importance')
  addInto(total.activationHistogram, part.activationHistogram, 'firings by inner activation')
  addInto(total.sampledActivationHistogram, part.sampledActivationHistogram, 'positions by inner activation')
  addInto(total.l0ByPosition, part.l0ByPosition, 'active subcomponents by position')
  mergeSample(total.sampled, part.sampled)
  mergeSample(total.strongest, part.strongest)
}

function mergeSample(total: FiringSample, part: FiringSample): void {
  for (let c = 0; c < part.sizes.length; c++) {
    for (const firing of sampledFirings(part, c)) offerFiring(total, c, firing)
  }
}
