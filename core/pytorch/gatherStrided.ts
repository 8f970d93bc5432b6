import { invariant } from '../errors/invariant.ts'

/** A strided view's numbers in row-major order, its first at `values[0]`; `values` itself where it is so already. */
export function gatherStrided(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array {
  invariant(shape.length === strides.length, 'shape and strides of different length')
  if (isRowMajor(shape, strides)) return values
  const gathered = new Float32Array(shape.reduce((product, size) => product * size, 1))
  const index = shape.map(() => 0)
  let start = 0
  for (let i = 0; i < gathered.length; i++) {
    gathered[i] = values[start] ?? Number.NaN
    start = advance(index, shape, strides, start)
  }
  return gathered
}

/** Moves `index` to the next element in row-major order and gives that element's place. */
function advance(index: number[], shape: readonly number[], strides: readonly number[], start: number): number {
  let place = start
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const next = (index[axis] ?? 0) + 1
    const stride = strides[axis] ?? 0
    if (next < (shape[axis] ?? 0)) {
      index[axis] = next
      return place + stride
    }
    index[axis] = 0
    place -= (next - 1) * stride
  }
  return place
}

/** Axes of length one may have any stride. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 0
    if (size !== 1 && strides[axis] !== expected) return false
    expected *= size
  }
  return true
}
