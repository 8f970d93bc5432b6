import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { invariant } from '../errors/invariant.ts'
import type { CiFunction, DecomposedModule, Decomposition } from './Decomposition.ts'

/**
 * `decomposition` with only the subcomponents `kept` (ascending, one list a module), numbered anew from 0. A module may
 * keep none: its C is then 0.
 */
export function keepSubcomponents(decomposition: Decomposition, kept: readonly ArrayLike<number>[]): Decomposition {
  invariant(kept.length === decomposition.modules.length, `${kept.length} lists of subcomponents`)
  const modules = decomposition.modules.map((module, i) => {
    const subcomponents = kept[i] ?? []
    return subcomponents.length === module.C ? module : keepInModule(module, subcomponents)
  })
  return { ...decomposition, modules }
}

function keepInModule(module: DecomposedModule, kept: ArrayLike<number>): DecomposedModule {
  return {
    ...module,
    C: kept.length,
    V: takeSlices(module.V, 1, kept),
    U: takeSlices(module.U, 0, kept),
    ciFunction: keepInCiFunction(module.ciFunction, kept),
  }
}

/** Of the one network of kind shared_mlp only the last layer tells subcomponents apart, by its columns. */
function keepInCiFunction({ kind, layers }: CiFunction, kept: ArrayLike<number>): CiFunction {
  if (kind !== 'shared_mlp') {
    return { kind, layers: layers.map(({ W, b }) => ({ W: takeSlices(W, 0, kept), b: takeSlices(b, 0, kept) })) }
  }
  return {
    kind,
    layers: layers.map((layer, i) => {
      if (i < layers.length - 1) return layer
      return { W: takeSlices(layer.W, 1, kept), b: takeSlices(layer.b, 0, kept) }
    }),
  }
}

/** The slices of `tensor` at `indices` along `axis`. */
function takeSlices(tensor: WeightTensor, axis: 0 | 1, indices: ArrayLike<number>): WeightTensor {
  const { shape } = tensor
  const length = shape[axis] ?? 0
  const outer = axis === 0 ? 1 : (shape[0] ?? 0)
  const inner = shape.slice(axis + 1).reduce((product, each) => product * each, 1)
  return {
    ...tensor,
    shape: shape.map((each, i) => (i === axis ? indices.length : each)),
    read: async () => {
      const numbers = await tensor.read()
      const taken = new Float32Array(outer * indices.length * inner)
      for (let row = 0; row < outer; row++) {
        for (let i = 0; i < indices.length; i++) {
          const start = (row * length + (indices[i] ?? 0)) * inner
          const target = (row * indices.length + i) * inner
          if (inner === 1) taken[target] = numbers[start] ?? 0
          else taken.set(numbers.subarray(start, start + inner), target)
        }
      }
      return taken
    },
  }
}
