/** Takes a difference in, as one sentence: place, what was found, what was expected. */
export type Report = (difference: string) => void

/** Reports `subject` at `place` if `found` is not `expected`. */
export function expectEqual(
  report: Report,
  place: string,
  subject: string,
  found: number | string | boolean | null,
  expected: number | string | boolean | null,
): void {
  if (found !== expected) report(`${place}: ${subject} is ${found}, expected ${expected}`)
}

/** Reports two numbers that rounding alone does not part. */
export function expectClose(report: Report, place: string, subject: string, found: number, expected: number): void {
  const isClose = Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected))
  if (!isClose) report(`${place}: ${subject} is ${found}, expected ${expected}`)
}
