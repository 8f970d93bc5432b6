import type { SigmoidType } from '../decomposition/Decomposition.ts'
import { invariant } from '../errors/invariant.ts'
import { gelu } from './gelu.ts'
import { inactiveIntervals } from './inactiveIntervals.ts'
import type { SparseCi } from './SparseCi.ts'
import { sparseOf } from './sparseOf.ts'

/** Weights of a module's CI functions of kind mlp, as the checkpoint has them. */
export interface ScalarCiWeights {
  readonly C: number
  /** W float32[C, in, out] and b float32[C, out] of each layer, first in and last out 1. */
  readonly layers: readonly { readonly W: Float32Array; readonly b: Float32Array }[]
}

/** CI functions of one module whose only argument is the inner activation. */
export interface ScalarCiFunction {
  /** γ of subcomponent c where its inner activation is h. */
  preSigmoid(c: number, h: number): number
  /**
   * Causal importances float32[T, C] of inner activations float32[T, C]. The array is the function's own, longer if it
   * ever was, and is overwritten by the next call.
   */
  evaluate(innerActivations: Float32Array, T: number): Float32Array
  /** The causal importances above 0 of inner activations float32[rows, C], the function's own until its next call; NaN is `model/failed`. */
  evaluateSparse(innerActivations: Float32Array, rowCount: number): SparseCi
}

const SCALAR_SIGMOIDS = ['leaky_hard', 'hard', 'upper_leaky_hard'] as const
type ScalarSigmoid = (typeof SCALAR_SIGMOIDS)[number]

/** Slope of upper_leaky_hard above 1: `spd/models/sigmoids.py`. */
const UPPER_LEAK = 0.01

/** Intervals of certain inactivity kept a subcomponent, beside the first one looked at. */
const OTHER_INTERVALS = 3

/** Whether CI is 0 wherever γ ≤ 0, so that most of it need not be computed. */
export function isScalarSigmoid(type: SigmoidType): type is ScalarSigmoid {
  return SCALAR_SIGMOIDS.some((known) => known === type)
}

/**
 * Evaluates CI functions of kind mlp outside the graph: where h lies in an interval on which γ is certainly negative CI
 * is 0 at the cost of two comparisons, and elsewhere γ is computed in float64.
 */
export function createScalarCiFunction(
  weights: ScalarCiWeights,
  sigmoid: ScalarSigmoid,
  _levels: readonly number[] = [],
): ScalarCiFunction {
  const { C } = weights
  const preSigmoid = weights.layers.length === 2 ? oneHiddenLayer(weights) : anyHiddenLayers(weights)
  const { starts, ends, others } = findInactive(weights)
  const leak = sigmoid === 'upper_leaky_hard' ? UPPER_LEAK : 0
  let causalImportances = new Float32Array(0)

  const importance = (c: number, h: number): number => {
    for (let i = 2 * c * OTHER_INTERVALS; i < 2 * (c + 1) * OTHER_INTERVALS; i += 2) {
      const start = others[i] ?? 0
      if (start === Number.POSITIVE_INFINITY) break
      if (h >= start && h <= (others[i + 1] ?? 0)) return 0
    }
    const gamma = preSigmoid(c, h)
    if (gamma <= 0) return 0
    return gamma <= 1 ? gamma : 1 + leak * (gamma - 1)
  }

  const evaluateDense = (innerActivations: Float32Array, T: number): Float32Array => {
    if (causalImportances.length < T * C) causalImportances = new Float32Array(T * C)
    const result = causalImportances.fill(0)
    for (let row = 0; row < T * C; row += C) {
      for (let c = 0; c < C; c++) {
        const h = innerActivations[row + c] ?? 0
        if (h >= (starts[c] ?? 0) && h <= (ends[c] ?? 0)) continue
        result[row + c] = importance(c, h)
      }
    }
    return result
  }
  return {
    preSigmoid,
    evaluate: evaluateDense,
    evaluateSparse: (innerActivations, rowCount) => sparseOf(evaluateDense(innerActivations, rowCount), rowCount, C),
  }
}

interface InactiveTable {
  /** float32[C]: the interval that is looked at first. */
  readonly starts: Float32Array
  readonly ends: Float32Array
  /** float32[C, OTHER_INTERVALS, 2]: start and end of the others; an empty one starts after it ends. */
  readonly others: Float32Array
}

function findInactive({ C, layers }: ScalarCiWeights): InactiveTable {
  const starts = new Float32Array(C).fill(Number.POSITIVE_INFINITY)
  const ends = new Float32Array(C).fill(Number.NEGATIVE_INFINITY)
  const others = new Float32Array(2 * C * OTHER_INTERVALS)
  for (let i = 0; i < others.length; i += 2) others.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], i)
  const [hidden, out, ...deeper] = layers
  if (hidden === undefined || out === undefined || deeper.length > 0) return { starts, ends, others }
  const width = hidden.b.length / C
  for (let c = 0; c < C; c++) {
    const slice = (numbers: Float32Array): Float64Array =>
      Float64Array.from(numbers.subarray(c * width, (c + 1) * width))
    const mlp = { weights: slice(hidden.W), biases: slice(hidden.b), outWeights: slice(out.W), outBias: out.b[c] ?? 0 }
    const intervals = inactiveIntervals(mlp).toSorted((a, b) => distanceFromZero(a) - distanceFromZero(b))
    const [first, ...rest] = intervals
    if (first === undefined) continue
    starts[c] = roundInwards(first.start, 1)
    ends[c] = roundInwards(first.end, -1)
    for (const [i, { start, end }] of rest.slice(0, OTHER_INTERVALS).entries()) {
      others.set([roundInwards(start, 1), roundInwards(end, -1)], 2 * (c * OTHER_INTERVALS + i))
    }
  }
  return { starts, ends, others }
}

/** Inner activations are most often near 0. */
function distanceFromZero({ start, end }: { readonly start: number; readonly end: number }): number {
  return start <= 0 && end >= 0 ? 0 : Math.min(Math.abs(start), Math.abs(end))
}

/** `x` moved by four of float32's steps, so that rounding to float32 does not leave the interval. */
function roundInwards(x: number, direction: 1 | -1): number {
  return Number.isFinite(x) ? x + direction * Math.abs(x) * 2 ** -21 : x
}

function oneHiddenLayer({ C, layers }: ScalarCiWeights): (c: number, h: number) => number {
  const [hidden, out] = layers
  invariant(hidden !== undefined && out !== undefined, 'a CI function with one hidden layer has two')
  const width = hidden.b.length / C
  const record = 3 * width + 1
  // All numbers of a subcomponent side by side: weight, bias and out weight of each hidden number, then the last bias.
  const numbers = new Float64Array(C * record)
  for (let c = 0; c < C; c++) {
    for (let j = 0; j < width; j++) {
      const i = c * width + j
      numbers.set([hidden.W[i] ?? 0, hidden.b[i] ?? 0, out.W[i] ?? 0], c * record + 3 * j)
    }
    numbers[(c + 1) * record - 1] = out.b[c] ?? 0
  }
  return (c, h) => {
    const end = (c + 1) * record - 1
    let sum = numbers[end] ?? 0
    for (let i = c * record; i < end; i += 3) {
      sum += (numbers[i + 2] ?? 0) * gelu((numbers[i] ?? 0) * h + (numbers[i + 1] ?? 0))
    }
    return sum
  }
}

function anyHiddenLayers({ C, layers }: ScalarCiWeights): (c: number, h: number) => number {
  const widths = [1, ...layers.map(({ b }) => b.length / C)]
  const values = widths.map((width) => new Float64Array(width))
  return (c, h) => {
    let input = values[0] ?? new Float64Array(1)
    input[0] = h
    for (const [layer, { W, b }] of layers.entries()) {
      const output = values[layer + 1] ?? input
      const base = c * input.length * output.length
      for (let o = 0; o < output.length; o++) {
        let sum = b[c * output.length + o] ?? 0
        for (let i = 0; i < input.length; i++) {
          const x = input[i] ?? 0
          sum += (W[base + i * output.length + o] ?? 0) * (layer === 0 ? x : gelu(x))
        }
        output[o] = sum
      }
      input = output
    }
    return input[0] ?? 0
  }
}
