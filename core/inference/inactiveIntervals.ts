import { GELU_ERROR, GELU_SLOPE_ERROR, GREATEST_SLOPE, gelu, geluSlope, LEAST_SLOPE, SLOPE_TURN } from './gelu.ts'

/** γ(h) = Σ_j out_j GELU(weight_j h + bias_j) + outBias: the CI function of one subcomponent with one hidden layer. */
export interface ScalarMlp {
  readonly weights: Float64Array
  readonly biases: Float64Array
  readonly outWeights: Float64Array
  readonly outBias: number
}

export interface Interval {
  readonly start: number
  readonly end: number
}

/** γ must be below 0 by this, beside more than its evaluation is off, to be certainly negative. */
const MARGIN = 1e-6
/** More than one rounding to float64 moves a number by, as a share of it. */
const ROUNDING = 2 ** -52
/** Doublings of the range before a half-line counts as undecided. */
const MAX_DOUBLINGS = 40
/** Intervals are halved until they move no hidden number by more than about this share of itself or of 1. */
const RESOLUTION = 1 / 128

/**
 * The intervals of h, in order and apart, in which γ is certainly negative, in truth and as `evaluate` gives it; what
 * lies between may be so too. None where a weight is not finite.
 */
export function inactiveIntervals(mlp: ScalarMlp): Interval[] {
  if (!isFiniteMlp(mlp)) return []
  const unit = 1 / Math.max(...mlp.weights.map(Math.abs), 1e-12)
  const error = evaluationError(mlp)
  const marginAt = (h: number): number => MARGIN + 2 * (error.constant + error.perH * Math.abs(h))
  let reach = 8 * unit
  const isDecided = (from: number): boolean => {
    const { least, most } = tailBounds(mlp, from)
    return most <= -marginAt(from) || least > 0
  }
  for (let i = 0; i < MAX_DOUBLINGS && !(isDecided(reach) && isDecided(-reach)); i++) reach *= 2
  const intervals: Interval[] = []
  const add = (start: number, end: number): void => {
    const last = intervals.at(-1)
    if (last?.end === start) intervals[intervals.length - 1] = { start: last.start, end }
    else intervals.push({ start, end })
  }
  if (tailBounds(mlp, -reach).most <= -marginAt(reach)) add(Number.NEGATIVE_INFINITY, -reach)
  search({ mlp, unit, marginAt, add }, -reach, reach, evaluate(mlp, -reach), evaluate(mlp, reach))
  if (tailBounds(mlp, reach).most <= -marginAt(reach)) add(reach, Number.POSITIVE_INFINITY)
  return intervals
}

export function evaluate({ weights, biases, outWeights, outBias }: ScalarMlp, h: number): number {
  let sum = outBias
  for (let j = 0; j < weights.length; j++) {
    sum += (outWeights[j] ?? 0) * gelu((weights[j] ?? 0) * h + (biases[j] ?? 0))
  }
  return sum
}

/** More than `evaluate` is off at h: `constant` + `perH` |h|. */
export function evaluationError({ weights, biases, outWeights, outBias }: ScalarMlp): {
  readonly constant: number
  readonly perH: number
} {
  let outSum = 0
  let terms = Math.abs(outBias)
  let slopes = 0
  for (let j = 0; j < weights.length; j++) {
    const out = Math.abs(outWeights[j] ?? 0)
    outSum += out
    terms += out * Math.abs(biases[j] ?? 0)
    slopes += out * Math.abs(weights[j] ?? 0)
  }
  const rounding = (weights.length + 8) * ROUNDING
  return { constant: GELU_ERROR * outSum + rounding * terms, perH: rounding * slopes }
}

/** Whether every weight is a finite number. */
export function isFiniteMlp({ weights, biases, outWeights, outBias }: ScalarMlp): boolean {
  return [weights, biases, outWeights].every((numbers) => numbers.every(Number.isFinite)) && Number.isFinite(outBias)
}

interface Search {
  readonly mlp: ScalarMlp
  /** The distance that moves the most sensitive hidden number by 1. */
  readonly unit: number
  /** How far below 0 γ must be near h. */
  readonly marginAt: (h: number) => number
  readonly add: (start: number, end: number) => void
}

function search(context: Search, start: number, end: number, valueAtStart: number, valueAtEnd: number): void {
  const { least, most } = boundsBetween(context.mlp, start, end, valueAtStart, valueAtEnd)
  if (most <= -context.marginAt(Math.max(-start, end))) {
    context.add(start, end)
    return
  }
  if (least > 0) return
  const middle = (start + end) / 2
  if (end - start < RESOLUTION * (context.unit + Math.abs(middle))) return
  const value = evaluate(context.mlp, middle)
  search(context, start, middle, valueAtStart, value)
  search(context, middle, end, value, valueAtEnd)
}

interface Bounds {
  readonly least: number
  readonly most: number
}

/** Of γ between two points, from its values there and the bounds of its slope between them. */
function boundsBetween(mlp: ScalarMlp, start: number, end: number, valueAtStart: number, valueAtEnd: number): Bounds {
  const { least, most } = slopeBounds(mlp, start, end)
  const width = end - start
  return {
    most: ceiling(valueAtStart, valueAtEnd, least, most, width),
    least: -ceiling(-valueAtStart, -valueAtEnd, -most, -least, width),
  }
}

/** The most a function reaches that leaves the first value and comes to the second with slopes from `least` to `most`. */
function ceiling(first: number, second: number, least: number, most: number, width: number): number {
  if (most <= 0 || least >= 0) return Math.max(first, second)
  // It climbs at `most` from the start and falls at `least` to the end; the lines meet at `peak`.
  const peak = (second - first - least * width) / (most - least)
  return first + most * Math.min(width, Math.max(0, peak))
}

function slopeBounds({ weights, biases, outWeights }: ScalarMlp, start: number, end: number): Bounds {
  let least = 0
  let most = 0
  for (let j = 0; j < weights.length; j++) {
    const weight = weights[j] ?? 0
    const bias = biases[j] ?? 0
    const atStart = weight * start + bias
    const atEnd = weight * end + bias
    const low = Math.min(atStart, atEnd)
    const high = Math.max(atStart, atEnd)
    const slopeAtLow = geluSlope(low)
    const slopeAtHigh = geluSlope(high)
    const leastSlope = low < -SLOPE_TURN && high > -SLOPE_TURN ? LEAST_SLOPE : Math.min(slopeAtLow, slopeAtHigh)
    const mostSlope = low < SLOPE_TURN && high > SLOPE_TURN ? GREATEST_SLOPE : Math.max(slopeAtLow, slopeAtHigh)
    const factor = weight * (outWeights[j] ?? 0)
    const oneBound = factor * (leastSlope - 2 * GELU_SLOPE_ERROR)
    const otherBound = factor * (mostSlope + 2 * GELU_SLOPE_ERROR)
    least += Math.min(oneBound, otherBound)
    most += Math.max(oneBound, otherBound)
  }
  return { least, most }
}

/**
 * Bounds of γ on the half-line from `from` away from 0. A hidden number z that grows gives z + r, one that falls gives r,
 * r between GELU(−|z|) at the start and 0 once |z| is past GELU's least value; so γ is a line and a bounded rest, and
 * is bounded from the side to which the line does not run; a line that rounding could turn runs to both.
 */
function tailBounds({ weights, biases, outWeights, outBias }: ScalarMlp, from: number): Bounds {
  const direction = Math.sign(from)
  let value = outBias
  let slope = 0
  let leastRest = 0
  let mostRest = 0
  let steepness = 0
  for (let j = 0; j < weights.length; j++) {
    const weight = weights[j] ?? 0
    const out = outWeights[j] ?? 0
    const z = weight * from + (biases[j] ?? 0)
    const outward = weight * direction
    if (weight === 0) value += out * gelu(z)
    else if (z * outward < 0 || Math.abs(z) < 1)
      return { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY }
    else {
      if (outward > 0) {
        value += out * z
        slope += out * outward
        steepness += Math.abs(out * outward)
      }
      const rest = out * gelu(-Math.abs(z))
      leastRest += Math.min(0, rest)
      mostRest += Math.max(0, rest)
    }
  }
  const doubt = 4 * (weights.length + 8) * ROUNDING * steepness
  return {
    least: slope >= doubt ? value + leastRest : Number.NEGATIVE_INFINITY,
    most: slope <= -doubt ? value + mostRest : Number.POSITIVE_INFINITY,
  }
}
