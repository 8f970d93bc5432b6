import { invariant } from '../errors/invariant.ts'

/** Values closer than this share of the sample's standard deviation are taken for equal: rounding must not move them across. */
const LEAST_GAP = 1e-4
const FIRST_LOOK = 64

/**
 * The cut that leaves about `wantedShare` of `values` above it, and at least one: of all gaps the one whose share is
 * nearest as a ratio. Reorders `values`; refuses ones that are all alike (InvariantViolation).
 */
export function placeCrossing(values: Float32Array, wantedShare: number, deviation: number): number {
  const wanted = Math.max(1, wantedShare * values.length)
  for (let look = 2 * Math.ceil(wanted) + FIRST_LOOK; ; look *= 4) {
    const count = Math.min(look, values.length)
    const largest = largestOf(values, count)
    const above = nearestGap(largest, wanted, LEAST_GAP * deviation)
    // A gap further down would be further away than the last value looked at.
    if (above !== null && (count === values.length || distance(above, wanted) <= distance(count, wanted))) {
      return ((largest[above - 1] ?? 0) + (largest[above] ?? 0)) / 2
    }
    invariant(count < values.length, 'a CI function drawn at random takes more than one value')
  }
}

/** The number of values above the best gap of `descending`; null where it has none. */
function nearestGap(descending: Float32Array, wanted: number, leastGap: number): number | null {
  let best: number | null = null
  for (let above = 1; above < descending.length; above++) {
    if ((descending[above - 1] ?? 0) - (descending[above] ?? 0) <= leastGap) continue
    if (best === null || distance(above, wanted) < distance(best, wanted)) best = above
  }
  return best
}

const distance = (count: number, wanted: number): number => Math.abs(Math.log(count / wanted))

/** The `count` largest of `values`, in descending order; they are moved to the front. */
function largestOf(values: Float32Array, count: number): Float32Array {
  moveLargestToFront(values, count)
  return values.slice(0, count).sort().reverse()
}

/** Hoare's selection: afterwards no value from `count` on is larger than one before it. */
function moveLargestToFront(values: Float32Array, count: number): void {
  let low = 0
  let high = values.length - 1
  while (low < high && count < values.length) {
    const pivot = values[(low + high) >> 1] ?? 0
    let left = low
    let right = high
    while (left <= right) {
      while ((values[left] ?? 0) > pivot) left++
      while ((values[right] ?? 0) < pivot) right--
      if (left > right) break
      const moved = values[left] ?? 0
      values[left++] = values[right] ?? 0
      values[right--] = moved
    }
    if (count - 1 <= right) high = right
    else if (count - 1 >= left) low = left
    else return
  }
}
