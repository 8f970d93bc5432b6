import { positionHash } from './firingHash.ts'
import type { HarvestSettings } from './HarvestSettings.ts'

/** Sets the sample of positions apart from that of firings, which has the same seed. */
export const SAMPLE_SEED = 0x5eed5a17

/** Whether a position belongs to the seeded sample of `sampleShare` of them. */
export function isSampledPosition(
  { seed, sampleShare }: Pick<HarvestSettings, 'seed' | 'sampleShare'>,
  story: number,
  position: number,
): boolean {
  return positionHash((seed ^ SAMPLE_SEED) >>> 0, story, position) < sampleShare * 2 ** 32
}

/** The share of the positions of a corpus that are sampled where nothing else is asked for: those of some 512 stories. */
export function defaultSampleShare(storyCount: number): number {
  return 2 ** -Math.ceil(Math.log2(Math.max(1, storyCount / 512)))
}
