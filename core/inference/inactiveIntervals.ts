import { GREATEST_SLOPE, gelu, geluSlope, LEAST_SLOPE, SLOPE_TURN } from './gelu.ts'

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

/** γ must be below 0 by this, far more than evaluation in float64 with `gelu` is off. */
const MARGIN = 1e-6
/** Widens bounds of GELU's slope by more than `geluSlope` is off. */
const SLOPE_MARGIN = 4e-6
/** Doublings of the range before a half-line counts as undecided. */
const MAX_DOUBLINGS = 40
/** Intervals are halved until they move no hidden number by more than about this share of itself or of 1. */
const RESOLUTION = 1 / 128

/** The intervals of h, in order and apart, in which γ is certainly negative; what lies between may be so too. */
export function inactiveIntervals(mlp: ScalarMlp): Interval[] {
  const unit = 1 / Math.max(...mlp.weights.map(Math.abs), 1e-12)
  let reach = 8 * unit
  for (let i = 0; i < MAX_DOUBLINGS && !(isTailDecided(mlp, reach) && isTailDecided(mlp, -reach)); i++) reach *= 2
  const intervals: Interval[] = []
  const add = (start: number, end: number): void => {
    const last = intervals.at(-1)
    if (last?.end === start) intervals[intervals.length - 1] = { start: last.start, end }
    else intervals.push({ start, end })
  }
  if (tailBounds(mlp, -reach).most <= -MARGIN) add(Number.NEGATIVE_INFINITY, -reach)
  search({ mlp, unit, add }, -reach, reach, evaluate(mlp, -reach), evaluate(mlp, reach))
  if (tailBounds(mlp, reach).most <= -MARGIN) add(reach, Number.POSITIVE_INFINITY)
  return intervals
}

export function evaluate({ weights, biases, outWeights, outBias }: ScalarMlp, h: number): number {
  let sum = outBias
  for (let j = 0; j < weights.length; j++) {
    sum += (outWeights[j] ?? 0) * gelu((weights[j] ?? 0) * h + (biases[j] ?? 0))
  }
  return sum
}

interface Search {
  readonly mlp: ScalarMlp
  /** The distance that moves the most sensitive hidden number by 1. */
  readonly unit: number
  readonly add: (start: number, end: number) => void
}

function search(context: Search, start: number, end: number, valueAtStart: number, valueAtEnd: number): void {
  const { least, most } = boundsBetween(context.mlp, start, end, valueAtStart, valueAtEnd)
  if (most <= -MARGIN) {
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
    const ends = [weight * start + bias, weight * end + bias] as const
    const low = Math.min(...ends)
    const high = Math.max(...ends)
    const slopes = [geluSlope(low), geluSlope(high)] as const
    const leastSlope = low < -SLOPE_TURN && high > -SLOPE_TURN ? LEAST_SLOPE : Math.min(...slopes)
    const mostSlope = low < SLOPE_TURN && high > SLOPE_TURN ? GREATEST_SLOPE : Math.max(...slopes)
    const factor = weight * (outWeights[j] ?? 0)
    const bounds = [factor * (leastSlope - SLOPE_MARGIN), factor * (mostSlope + SLOPE_MARGIN)] as const
    least += Math.min(...bounds)
    most += Math.max(...bounds)
  }
  return { least, most }
}

function isTailDecided(mlp: ScalarMlp, from: number): boolean {
  const { least, most } = tailBounds(mlp, from)
  return most <= -MARGIN || least > 0
}

/**
 * Bounds of γ on the half-line from `from` away from 0. A hidden number z that grows gives z + r, one that falls gives r,
 * r between GELU(−|z|) at the start and 0 once |z| is past GELU's least value; so γ is a line and a bounded rest, and
 * is bounded from the side to which the line does not run.
 */
function tailBounds({ weights, biases, outWeights, outBias }: ScalarMlp, from: number): Bounds {
  const direction = Math.sign(from)
  let value = outBias
  let slope = 0
  let leastRest = 0
  let mostRest = 0
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
      }
      const rest = out * gelu(-Math.abs(z))
      leastRest += Math.min(0, rest)
      mostRest += Math.max(0, rest)
    }
  }
  return {
    least: slope >= 0 ? value + leastRest : Number.NEGATIVE_INFINITY,
    most: slope <= 0 ? value + mostRest : Number.POSITIVE_INFINITY,
  }
}
