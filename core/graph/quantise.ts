import { invariant } from '../errors/invariant.ts'

/** Largest quotient; −128 is left out, so that a number and its negative are stored alike. */
const MAX_QUOTIENT = 127

/** Which axis of a matrix has a scale for each of its slices: the one that tells subcomponents apart. */
export type ScaledAxis = 'first' | 'last'

/** A tensor as numbers of 8 bits and the scales they are multiples of. */
export interface Quantised {
  readonly quotients: Int8Array<ArrayBuffer>
  /** float32, one for each slice along the scaled axis; 0 where the slice is all 0. */
  readonly scales: Float32Array<ArrayBuffer>
}

/** Lengths of the scales of a tensor of shape `shape`, such that the two broadcast. */
export function scaleShape(shape: readonly number[], axis: ScaledAxis): number[] {
  const scaled = axis === 'first' ? 0 : shape.length - 1
  return shape.map((length, i) => (i === scaled ? length : 1))
}

/** Rounds to the nearest multiple of a scale that makes each slice's largest number 127. */
export function quantise(numbers: Float32Array, shape: readonly number[], axis: ScaledAxis): Quantised {
  const scaleOf = scaleIndex(numbers.length, shape, axis)
  const scales = new Float32Array((axis === 'first' ? shape[0] : shape.at(-1)) ?? 1)
  for (let i = 0; i < numbers.length; i++) {
    const slice = scaleOf(i)
    scales[slice] = Math.max(scales[slice] ?? 0, Math.abs(numbers[i] ?? 0))
  }
  for (let slice = 0; slice < scales.length; slice++) scales[slice] = (scales[slice] ?? 0) / MAX_QUOTIENT
  const quotients = new Int8Array(numbers.length)
  for (let i = 0; i < numbers.length; i++) {
    const scale = scales[scaleOf(i)] ?? 0
    const quotient = scale === 0 ? 0 : Math.round((numbers[i] ?? 0) / scale)
    quotients[i] = Math.max(-MAX_QUOTIENT, Math.min(MAX_QUOTIENT, quotient))
  }
  return { quotients, scales }
}

/** The numbers that `quantised` stands for: each product rounded to float32 once, as a graph's Mul does. */
export function dequantise(
  { quotients, scales }: { readonly quotients: Int8Array; readonly scales: Float32Array },
  shape: readonly number[],
  axis: ScaledAxis,
): Float32Array {
  const scaleOf = scaleIndex(quotients.length, shape, axis)
  return Float32Array.from(quotients, (quotient, i) => quotient * (scales[scaleOf(i)] ?? 0))
}

function scaleIndex(count: number, shape: readonly number[], axis: ScaledAxis): (i: number) => number {
  const length = (axis === 'first' ? shape[0] : shape.at(-1)) ?? 1
  invariant(shape.length > 1 && count % length === 0, `${count} numbers in shape ${shape}`)
  if (axis === 'last') return (i) => i % length
  const sliceLength = count / length
  return (i) => Math.floor(i / sliceLength)
}
