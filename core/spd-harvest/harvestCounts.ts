import { AtlasError } from '../errors/AtlasError.ts'
import { countSlack } from '../statistics/countSlack.ts'

/** Refuses two counts of the same thing that differ by more than `slack` of the greater; `subject` names the first. */
export function assertSameCount(
  subject: string,
  found: number,
  expected: number,
  expectedSubject: string,
  slack: (count: number) => number = countSlack,
): void {
  if (Math.abs(found - expected) <= slack(Math.max(found, expected))) return
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
