import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { GraphBuilder, type Value } from '../onnx/GraphBuilder.ts'
import { castToFloat32, concatenate, multiply } from '../onnx/operators.ts'
import type { GraphPrecision, Precision } from './Precision.ts'
import { scaleName } from './ports.ts'
import { quantise, type ScaledAxis, scaleShape } from './quantise.ts'
import { pieceName, type WeightPlan } from './WeightPlan.ts'

/** How a tensor of the checkpoint is stored for the graphs, where not as it is. */
export interface StoredForm {
  readonly shape: readonly number[]
  /** Puts the tensor's numbers, or some of them, into the stored order; they are not its own to change. */
  readonly arrange: (numbers: Float32Array) => Float32Array
}

/** Along which axis of a stored weight subcomponents lie: of V and of CI functions as columns, of U as rows. */
const SCALED_AXES = { target: 'last', v: 'last', u: 'first', ci: 'last' } as const

const STORAGE_TYPES = { f32: 'float32', f16: 'float16', i8: 'int8' } as const

/** What a weight is planned from. */
interface StoredWeight {
  readonly name: string
  readonly shape: readonly number[]
  readonly precision: Precision
  readonly load: () => Promise<Float32Array>
}

/** One graph under construction and the plan of the weights it shares with the other. */
export class GraphContext {
  readonly builder: GraphBuilder
  readonly #plan: WeightPlan
  readonly #precision: GraphPrecision
  readonly #weights = new Map<string, Value>()

  constructor(name: string, plan: WeightPlan, precision: GraphPrecision) {
    this.builder = new GraphBuilder(name)
    this.#plan = plan
    this.#precision = precision
  }

  /**
   * A weight of the run, float32 whatever its storage, which is that of its `part`; the same `name` is the same weight in
   * both graphs. In 8 bits each slice along `axis` has a scale of its own.
   */
  weight(
    name: string,
    tensor: WeightTensor,
    part: keyof GraphPrecision,
    form?: StoredForm,
    axis: ScaledAxis = SCALED_AXES[part],
  ): Value {
    const load = async (): Promise<Float32Array> => {
      const numbers = await this.#plan.read(tensor)
      return form === undefined ? numbers : form.arrange(numbers)
    }
    const shape = form?.shape ?? tensor.shape
    // Vectors are few, and biases are added where nothing averages their rounding out.
    const precision = shape.length === 1 ? 'f32' : this.#precision[part]
    return this.#remember({ name, shape, precision, load }, axis)
  }

  /** A weight of the run that is float32 in storage too. */
  exactWeight(name: string, tensor: WeightTensor): Value {
    return this.#remember({ name, shape: tensor.shape, precision: 'f32', load: () => this.#plan.read(tensor) }, 'last')
  }

  /** Numbers computed from the shape of the model, shared by both graphs. */
  table(name: string, shape: readonly number[], compute: () => Float32Array): Value {
    return this.#remember({ name, shape, precision: 'f32', load: async () => compute() }, 'last')
  }

  #remember(weight: StoredWeight, axis: ScaledAxis): Value {
    const known = this.#weights.get(weight.name)
    if (known !== undefined) return known
    const value = weight.precision === 'i8' ? this.#dequantised(weight, axis) : this.#asFloat32(weight)
    this.#weights.set(weight.name, value)
    return value
  }

  #asFloat32(weight: StoredWeight): Value {
    const stored = this.#stored(weight)
    return weight.precision === 'f32' ? stored : castToFloat32(this.builder, stored)
  }

  /** Quotients times scales, by plain operators: ONNX Runtime folds them at load as it does not DequantizeLinear. */
  #dequantised({ name, shape, load }: StoredWeight, axis: ScaledAxis): Value {
    const quotients = this.#stored({
      name,
      shape,
      precision: 'i8',
      load: async () => quantise(await load(), shape, axis).quotients,
    })
    const scales = this.#stored({
      name: scaleName(name),
      shape: scaleShape(shape, axis),
      precision: 'f32',
      load: async () => quantise(await load(), shape, axis).scales,
    })
    return multiply(this.builder, castToFloat32(this.builder, quotients), scales)
  }

  /** The weight as it lies in the pieces, whole. */
  #stored(weight: Parameters<WeightPlan['add']>[0]): Value {
    const { shape, precision } = weight
    const values = this.#plan.add(weight).parts.map((part) => {
      const location = { path: pieceName(part.piece), byteOffset: part.byteOffset, byteLength: part.byteLength }
      const dims = [part.endRow - part.startRow, ...shape.slice(1)]
      return this.builder.externalWeight(part.name, STORAGE_TYPES[precision], dims, location)
    })
    const [first, ...others] = values
    return first !== undefined && others.length === 0 ? first : concatenate(this.builder, values, 0)
  }
}
