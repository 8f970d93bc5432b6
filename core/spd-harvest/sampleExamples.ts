import { addressHash, firingHash, positionHash } from '../statistics/firingHash.ts'

/** Examples kept of a subcomponent, of the thousand or so that a harvest keeps. */
export const EXAMPLES_KEPT = 20

/** Seed of the hash by which they are chosen. */
const SEED = 0

/**
 * The examples of a subcomponent to keep, of `count` there are, in random order: the first that `read` gives, by the
 * hash of number and address, since the package fills its list in the corpus's own order.
 */
export function sampleExamples<T>(
  path: string,
  subcomponent: number,
  count: number,
  read: (index: number) => T | null,
): T[] {
  const address = addressHash(path, subcomponent)
  const indices = Array.from({ length: count }, (_, i) => ({ i, hash: firingHash(positionHash(SEED, 0, i), address) }))
    .sort((a, b) => a.hash - b.hash || a.i - b.i)
    .map(({ i }) => i)
  const kept: T[] = []
  for (const index of indices) {
    if (kept.length === EXAMPLES_KEPT) break
    const example = read(index)
    if (example !== null) kept.push(example)
  }
  return kept
}
