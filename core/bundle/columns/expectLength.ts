import { AtlasError } from '../../errors/AtlasError.ts'

/** Refuses a column at `place` that has `found` of `what` where others say `expected`. */
export function expectLength(place: string, what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new AtlasError('bundle/corrupt', `${place}: ${found} ${what}, expected ${expected}`)
  }
}

/** Where each of several lists begins, and last where they end, of how long each is. */
export function startsOf(lengths: ArrayLike<number>): Float64Array {
  const starts = new Float64Array(lengths.length + 1)
  for (let i = 0; i < lengths.length; i++) starts[i + 1] = (starts[i] ?? 0) + (lengths[i] ?? 0)
  return starts
}
