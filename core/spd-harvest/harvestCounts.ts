import { AtlasError } from '../errors/AtlasError.ts'

/**
 * The package adds up most counts in float32, which holds every whole number up to 2²⁴; beyond, each addition rounds,
 * and the sum may stray by some part of itself.
 */
const EXACT_COUNT = 2 ** 24
const INEXACT_SHARE = 2 ** -10

/** Most that two counts of the same thing may differ by, of which the greater is `count`. */
export function countSlack(count: number): number {
  return count <= EXACT_COUNT ? 0 : count * INEXACT_SHARE
}

/** Refuses two counts of the same thing that differ by more than float32 explains; `subject` names the first. */
export function assertSameCount(subject: string, found: number, expected: number, expectedSubject: string): void {
  if (Math.abs(found - expected) <= countSlack(Math.max(found, expected))) return
  throw new AtlasError('format/malformed', `${subject} is ${found}, expected ${expectedSubject}, ${expected}`)
}

/** Refuses numbers that are no counts: negative, broken or beyond 32 bits. */
export function assertCounts(numbers: Float64Array, place: string): void {
  const at = numbers.findIndex((number) => !(Number.isInteger(number) && number >= 0 && number < 2 ** 32))
  if (at === -1) return
  throw new AtlasError('format/malformed', `${place}: holds ${numbers[at]}, expected counts below 2^32`)
}

/** Refuses numbers that are no sums of probabilities: negative or not finite. */
export function assertMasses(numbers: Float64Array, place: string): void {
  const at = numbers.findIndex((number) => !(number >= 0 && number < Number.POSITIVE_INFINITY))
  if (at === -1) return
  throw new AtlasError('format/malformed', `${place}: holds ${numbers[at]}, expected sums of probabilities`)
}
