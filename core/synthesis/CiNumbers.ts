import type { WeightTensor } from '../bytes/WeightTensor.ts'
import type { CiFunction, CiKind } from '../decomposition/Decomposition.ts'
import { invariant } from '../errors/invariant.ts'

/** The numbers of a CI function, shaped as in Decomposition.ts. */
export interface CiNumbers {
  readonly kind: CiKind
  readonly layers: readonly CiLayerNumbers[]
}

export interface CiLayerNumbers {
  /** Of W: mlp, vector_mlp [C, in, out], shared_mlp [in, out]; of b the same without `in`. */
  readonly shape: readonly number[]
  readonly W: Float32Array
  readonly b: Float32Array
}

/** Shape of the b beside a W of shape `weightShape`. */
export const ciBiasShape = (weightShape: readonly number[]): readonly number[] => [
  ...weightShape.slice(0, -2),
  weightShape.at(-1) ?? 0,
]

/** The CI functions of `subcomponents` alone. */
export function takeSubcomponents({ kind, layers }: CiNumbers, subcomponents: readonly number[]): CiNumbers {
  if (kind === 'shared_mlp') {
    return {
      kind,
      layers: layers.map((layer, i) => (i === layers.length - 1 ? takeColumns(layer, subcomponents) : layer)),
    }
  }
  return {
    kind,
    layers: layers.map(({ shape, W, b }) => ({
      shape: [subcomponents.length, ...shape.slice(1)],
      W: takeRows(W, shape[0] ?? 1, subcomponents),
      b: takeRows(b, shape[0] ?? 1, subcomponents),
    })),
  }
}

/** Makes γ of subcomponent c into `gain` γ + `bias`, in place; the last bias was 0. */
export function setLastLayer({ kind, layers }: CiNumbers, c: number, gain: number, bias: number): void {
  const last = layers.at(-1)
  invariant(last !== undefined, 'a CI function has layers')
  const C = last.b.length
  const inWidth = last.W.length / C
  for (let i = 0; i < inWidth; i++) {
    const at = kind === 'shared_mlp' ? i * C + c : c * inWidth + i
    last.W[at] = gain * (last.W[at] ?? 0)
  }
  last.b[c] = bias
}

/** The CI function as the graphs take it. */
export function asCiFunction(path: string, { kind, layers }: CiNumbers): CiFunction {
  return {
    kind,
    layers: layers.map(({ shape, W, b }, i) => ({
      W: tensorInMemory(`${path} ${i} W`, shape, W),
      b: tensorInMemory(`${path} ${i} b`, ciBiasShape(shape), b),
    })),
  }
}

/** A tensor whose numbers are at hand. */
export function tensorInMemory(key: string, shape: readonly number[], numbers: Float32Array): WeightTensor {
  return { key, shape, dtype: 'float32', read: async () => numbers }
}

function takeRows(numbers: Float32Array, rowCount: number, rows: readonly number[]): Float32Array {
  const length = numbers.length / rowCount
  const taken = new Float32Array(rows.length * length)
  for (const [i, row] of rows.entries()) taken.set(numbers.subarray(row * length, (row + 1) * length), i * length)
  return taken
}

function takeColumns({ shape, W, b }: CiLayerNumbers, columns: readonly number[]): CiLayerNumbers {
  const inWidth = shape[0] ?? 1
  return {
    shape: [inWidth, columns.length],
    W: columnsOf(W, inWidth, columns),
    b: takeRows(b, b.length, columns),
  }
}

/** `columns` of a matrix of `rowCount` rows. */
export function columnsOf(numbers: Float32Array, rowCount: number, columns: readonly number[]): Float32Array {
  const width = numbers.length / rowCount
  const taken = new Float32Array(rowCount * columns.length)
  for (let row = 0; row < rowCount; row++) {
    for (const [i, column] of columns.entries()) taken[row * columns.length + i] = numbers[row * width + column] ?? 0
  }
  return taken
}
