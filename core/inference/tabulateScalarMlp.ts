import { GELU_SLOPE_ERROR, geluSlope, MOST_FOURTH_DERIVATIVE } from './gelu.ts'
import {
  evaluate,
  evaluationError,
  type Interval,
  inactiveIntervals,
  isFiniteMlp,
  type ScalarMlp,
} from './inactiveIntervals.ts'

/** The most that γ by a table is off where it decides or is returned. */
export const TABLE_ERROR = 1e-6
/** Share of TABLE_ERROR that interpolation may take; float32 knots and `gelu` take the rest. */
const INTERPOLATION_ERROR = TABLE_ERROR / 2
/** The most cells of a table; what lies beyond is computed exactly. */
const MAX_CELLS = 256
/** Knots are rounded to float32, and their sums to float64 far finer. */
const KNOT_ROUNDING = 2 ** -23
/** The greatest value of the cubics that carry a slope over a cell. */
const SLOPE_SHARE = 4 / 27

/** What γ comes to beyond an end of a table: certainly below 0, certainly above 1, or not known. */
export type Beyond = 'inactive' | 'saturated' | 'unknown'

/** γ of one subcomponent as a cubic a cell with γ's values and slopes at both ends. */
export interface ScalarMlpTable {
  readonly start: number
  readonly step: number
  readonly cells: number
  /** float32[cells + 1, 2]: γ and its slope times `step` at each knot; NaN where a cell at it may be off by more than TABLE_ERROR. */
  readonly knots: Float32Array
  readonly before: Beyond
  readonly after: Beyond
}

/**
 * Tabulates γ between the ends of the region where it is neither certainly below 0 nor certainly above 1. Where a table
 * is a number at h, it is off by at most TABLE_ERROR or both it and γ are below 0 or both above 1. Null where no step
 * that float64 can count bounds the error.
 */
export function tabulateScalarMlp(mlp: ScalarMlp): ScalarMlpTable | null {
  if (!isFiniteMlp(mlp)) return null
  const inactive = inactiveIntervals(mlp)
  const saturated = inactiveIntervals(aboveOne(mlp))
  const step = stepFor(mlp)
  const reach = (MAX_CELLS / 2) * step
  if (!(step > 0 && reach < Number.MAX_VALUE)) return null
  const [before, from] = decidedFrom(inactive.at(0), saturated.at(0), Number.NEGATIVE_INFINITY)
  const [after, to] = decidedFrom(inactive.at(-1), saturated.at(-1), Number.POSITIVE_INFINITY)
  if (from >= to) return { start: 0, step: 1, cells: 0, knots: new Float32Array(2), before, after }
  // The region's part nearest to 0 where it is longer than a table.
  const start = Math.max(from, Math.min(-reach, to - 2 * reach))
  const cells = Math.min(MAX_CELLS, Math.max(1, Math.ceil((to - start) / step)))
  if (start + step === start || start + cells * step === start + (cells - 1) * step) return null
  return {
    start,
    step,
    cells,
    knots: knotsOf(mlp, start, step, cells),
    before: start > from ? 'unknown' : before,
    after: start + cells * step < to ? 'unknown' : after,
  }
}

/** 1 − γ, below 0 where γ is above 1. */
function aboveOne({ weights, biases, outWeights, outBias }: ScalarMlp): ScalarMlp {
  return { weights, biases, outWeights: outWeights.map((out) => -out), outBias: 1 - outBias }
}

/**
 * The step at which a cubic with the right values and slopes at both ends is off by at most INTERPOLATION_ERROR: the
 * error is at most step⁴ / 384 times the most of |γ''''|, itself at most Σ_j |out_j| weight_j⁴ times the most of |GELU''''|.
 */
function stepFor({ weights, outWeights }: ScalarMlp): number {
  const most = weights.reduce((sum, weight, j) => sum + Math.abs(outWeights[j] ?? 0) * weight ** 4, 0)
  return ((384 * INTERPOLATION_ERROR) / (MOST_FOURTH_DERIVATIVE * most)) ** 0.25
}

/** How γ is decided towards `infinity`, and from where on. */
function decidedFrom(
  inactive: Interval | undefined,
  saturated: Interval | undefined,
  infinity: number,
): [beyond: Beyond, from: number] {
  for (const [beyond, interval] of [
    ['inactive', inactive],
    ['saturated', saturated],
  ] as const) {
    if (interval === undefined) continue
    if (infinity < 0 && interval.start === infinity) return [beyond, interval.end]
    if (infinity > 0 && interval.end === infinity) return [beyond, interval.start]
  }
  return ['unknown', infinity]
}

function knotsOf(mlp: ScalarMlp, start: number, step: number, cells: number): Float32Array {
  const { weights, outWeights } = mlp
  const knots = new Float32Array(2 * (cells + 1))
  for (let k = 0; k <= cells; k++) {
    const h = start + k * step
    knots[2 * k] = evaluate(mlp, h)
    knots[2 * k + 1] = step * slopeAt(mlp, h)
  }
  const slopeSum = outWeights.reduce((sum, out, j) => sum + Math.abs(out * (weights[j] ?? 0)), 0)
  const { constant, perH } = evaluationError(mlp)
  // Both γ at the knots and the exact γ that the table stands for are off by this, and so is where the knots lie.
  const evaluationErrors = 4 * (constant + perH * Math.max(Math.abs(start), Math.abs(start + cells * step)))
  const error = INTERPOLATION_ERROR + evaluationErrors + 2 * SLOPE_SHARE * GELU_SLOPE_ERROR * step * slopeSum
  const uncertain: number[] = []
  for (let k = 0; k < cells; k++) if (!isCertain(knots, k, error)) uncertain.push(k)
  for (const k of uncertain) knots[2 * k] = Number.NaN
  return knots
}

function slopeAt({ weights, biases, outWeights }: ScalarMlp, h: number): number {
  let sum = 0
  for (let j = 0; j < weights.length; j++) {
    const weight = weights[j] ?? 0
    sum += (outWeights[j] ?? 0) * weight * geluSlope(weight * h + (biases[j] ?? 0))
  }
  return sum
}

/** Whether cell k is off by at most TABLE_ERROR, or lies with all its error below 0 or above 1. */
function isCertain(knots: Float32Array, k: number, error: number): boolean {
  const value = knots[2 * k] ?? 0
  const slope = knots[2 * k + 1] ?? 0
  const nextValue = knots[2 * k + 2] ?? 0
  const nextSlope = knots[2 * k + 3] ?? 0
  // A cubic lies between the least and the most of its Bézier points.
  const second = value + slope / 3
  const third = nextValue - nextSlope / 3
  const least = Math.min(value, second, third, nextValue)
  const most = Math.max(value, second, third, nextValue)
  const total = error + KNOT_ROUNDING * (Math.max(most, -least) + Math.abs(slope) + Math.abs(nextSlope))
  return total <= TABLE_ERROR || least - total > 1 || most + total < 0
}
