import { addressHash, firingHash, positionHash } from '../statistics/firingHash.ts'

/** Examples kept of a subcomponent, of the thousand or so that a harvest keeps. */
export const EXAMPLES_KEPT = 20

/** Seed of the hash by which they are chosen. */
const SEED = 0

/**
 * Which of a subcomponent's `count` examples are kept, in random order: those of the smallest hashes of number and
 * address, since the package fills its list in the corpus's own order.
 */
export function sampleIndices(path: string, subcomponent: number, count: number): number[] {
  const address = addressHash(path, subcomponent)
  return Array.from({ length: count }, (_, i) => ({ i, hash: firingHash(positionHash(SEED, 0, i), address) }))
    .sort((a, b) => a.hash - b.hash || a.i - b.i)
    .slice(0, EXAMPLES_KEPT)
    .map(({ i }) => i)
}
