import { type Interval, inactiveIntervals, type ScalarMlp } from './inactiveIntervals.ts'
import type { ScalarCiWeights } from './scalarPreSigmoid.ts'

/**
 * Of each subcomponent the interval of certain inactivity nearest to 0, float64[C], finite; an empty one starts after it
 * ends.
 */
export function nearestInactive(weights: ScalarCiWeights): {
  readonly starts: Float64Array
  readonly ends: Float64Array
} {
  const starts = new Float64Array(weights.C).fill(Number.POSITIVE_INFINITY)
  const ends = new Float64Array(weights.C).fill(Number.NEGATIVE_INFINITY)
  for (let c = 0; c < weights.C; c++) {
    const mlp = scalarMlpOf(weights, c)
    if (mlp === null) continue
    const [first, ...others] = inactiveIntervals(mlp)
    if (first === undefined) continue
    const nearest = others.reduce(
      (best, next) => (distanceFromZero(next) < distanceFromZero(best) ? next : best),
      first,
    )
    // Finite, so that an infinite h lies outside and is refused.
    starts[c] = Math.max(nearest.start, -Number.MAX_VALUE)
    ends[c] = Math.min(nearest.end, Number.MAX_VALUE)
  }
  return { starts, ends }
}

/** Inner activations are most often near 0. */
function distanceFromZero({ start, end }: Interval): number {
  return start <= 0 && end >= 0 ? 0 : Math.min(Math.abs(start), Math.abs(end))
}

/** The CI function of one subcomponent; null where it has not one hidden layer. */
export function scalarMlpOf({ C, layers }: ScalarCiWeights, c: number): ScalarMlp | null {
  const [hidden, out, ...deeper] = layers
  if (hidden === undefined || out === undefined || deeper.length > 0) return null
  const width = hidden.b.length / C
  const slice = (numbers: Float32Array): Float64Array => Float64Array.from(numbers.subarray(c * width, (c + 1) * width))
  return { weights: slice(hidden.W), biases: slice(hidden.b), outWeights: slice(out.W), outBias: out.b[c] ?? 0 }
}
