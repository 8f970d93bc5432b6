import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { GraphBuilder, type Value } from '../onnx/GraphBuilder.ts'
import { castToFloat32, concatenate } from '../onnx/operators.ts'
import type { Precision, WeightPlan } from './WeightPlan.ts'
import { pieceName } from './WeightPlan.ts'

/** How a tensor of the checkpoint is stored for the graphs, where not as it is. */
export interface StoredForm {
  readonly shape: readonly number[]
  /** Puts the tensor's numbers into the stored order. */
  readonly arrange: (numbers: Float32Array) => Float32Array
}

/** One graph under construction and the plan of the weights it shares with the other. */
export class GraphContext {
  readonly builder: GraphBuilder
  readonly #plan: WeightPlan
  readonly #precision: Precision
  readonly #weights = new Map<string, Value>()

  constructor(name: string, plan: WeightPlan, precision: Precision) {
    this.builder = new GraphBuilder(name)
    this.#plan = plan
    this.#precision = precision
  }

  /** A weight of the run, float32 whatever its storage; the same `name` is the same weight in both graphs. */
  weight(name: string, tensor: WeightTensor, form?: StoredForm): Value {
    const load = async (): Promise<Float32Array> => {
      const numbers = await tensor.read()
      return form === undefined ? numbers : form.arrange(numbers)
    }
    return this.#external(name, form?.shape ?? tensor.shape, load)
  }

  /** A weight of the run that is float32 in storage too. */
  exactWeight(name: string, tensor: WeightTensor): Value {
    return this.#external(name, tensor.shape, () => tensor.read(), 'f32')
  }

  /** Numbers computed from the shape of the model, shared by both graphs. */
  table(name: string, shape: readonly number[], compute: () => Float32Array): Value {
    return this.#external(name, shape, async () => compute(), 'f32')
  }

  /** Vectors stay float32: they are few, and biases are added where nothing averages their rounding out. */
  #external(
    name: string,
    shape: readonly number[],
    load: () => Promise<Float32Array>,
    precision: Precision = shape.length === 1 ? 'f32' : this.#precision,
  ): Value {
    const known = this.#weights.get(name)
    if (known !== undefined) return known
    const { parts } = this.#plan.add({ name, shape, precision, load })
    const values = parts.map((part) => {
      const location = { path: pieceName(part.piece), byteOffset: part.byteOffset, byteLength: part.byteLength }
      const dims = [part.endRow - part.startRow, ...shape.slice(1)]
      return this.builder.externalWeight(part.name, precision === 'f32' ? 'float32' : 'float16', dims, location)
    })
    const [first, ...others] = values
    const stored = first !== undefined && others.length === 0 ? first : concatenate(this.builder, values, 0)
    const value = precision === 'f32' ? stored : castToFloat32(this.builder, stored)
    this.#weights.set(name, value)
    return value
  }
}
