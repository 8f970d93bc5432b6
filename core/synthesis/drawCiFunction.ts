import type { CiKind } from '../decomposition/Decomposition.ts'
import { type CiNumbers, ciBiasShape } from './CiNumbers.ts'
import { RandomStream } from './RandomStream.ts'

/** What the shape of a CI function follows from. */
export interface CiShape {
  readonly kind: CiKind
  readonly hidden: readonly number[]
  readonly C: number
  readonly dIn: number
}

const HIDDEN_BIAS_DEVIATION = 0.5

/** Shapes of the W of all layers. */
export function ciWeightShapes({ kind, hidden, C, dIn }: CiShape): readonly (readonly number[])[] {
  const widths = [kind === 'mlp' ? 1 : dIn, ...hidden, kind === 'shared_mlp' ? C : 1]
  const each = kind === 'shared_mlp' ? [] : [C]
  return widths.slice(1).map((out, i) => [...each, widths[i] ?? 0, out])
}

/**
 * A CI function at random, whose layers keep the size of what they read: `inputScale` is the root mean square of the
 * module's inputs, and so of the inner activations of unit read vectors. The last biases are 0.
 */
export function drawCiFunction(seed: number, path: string, shape: CiShape, inputScale: number): CiNumbers {
  const shapes = ciWeightShapes(shape)
  const layers = shapes.map((weightShape, i) => {
    const stream = new RandomStream(seed, `${path} CI function ${i}`)
    const inWidth = weightShape.at(-2) ?? 1
    const scale = i === 0 ? inputScale : 1
    const W = stream.normals(sizeOf(weightShape), 1 / (scale * Math.sqrt(inWidth)))
    const isLast = i === shapes.length - 1
    const b = stream.normals(sizeOf(ciBiasShape(weightShape)), isLast ? 0 : HIDDEN_BIAS_DEVIATION)
    return { shape: weightShape, W, b }
  })
  return { kind: shape.kind, layers }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)
