import { invariant } from '../errors/invariant.ts'
import { gelu } from './gelu.ts'

/** Weights of a module's CI functions of kind mlp, as the checkpoint has them. */
export interface ScalarCiWeights {
  readonly C: number
  /** W float32[C, in, out] and b float32[C, out] of each layer, first in and last out 1. */
  readonly layers: readonly { readonly W: Float32Array; readonly b: Float32Array }[]
}

/** γ of subcomponent c at inner activation h by CI functions of kind mlp, in float64 and with `gelu`. */
export function scalarPreSigmoid(weights: ScalarCiWeights): (c: number, h: number) => number {
  return weights.layers.length === 2 ? oneHiddenLayer(weights) : anyHiddenLayers(weights)
}

function oneHiddenLayer({ C, layers }: ScalarCiWeights): (c: number, h: number) => number {
  const [hidden, out] = layers
  invariant(hidden !== undefined && out !== undefined, 'a CI function with one hidden layer has two')
  const width = hidden.b.length / C
  const record = 3 * width + 1
  // All numbers of a subcomponent side by side: weight, bias and out weight of each hidden number, then the last bias.
  const numbers = new Float32Array(C * record)
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
