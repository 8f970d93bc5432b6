import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'

/** Name and size of an axis, e.g. ['d_in', 32]; the name is for messages. */
export type Axis = readonly [name: string, size: number]

/** A checkpoint's tensors under their current keys; remembers which were taken, so that none is left unread unnoticed. */
export class CheckpointKeys {
  /** Name of the file. */
  readonly place: string
  private readonly tensors: ReadonlyMap<string, WeightTensor>
  private readonly taken = new Set<string>()

  constructor(tensors: ReadonlyMap<string, WeightTensor>, place: string) {
    this.tensors = tensors
    this.place = place
  }

  has(key: string): boolean {
    return this.tensors.has(key)
  }

  /** The tensor at `key`, which messages call `subject`, e.g. "V of h.0.mlp.c_fc"; it must have the given axes. */
  take(key: string, subject: string, axes: readonly Axis[]): WeightTensor {
    const tensor = this.tensors.get(key)
    if (tensor === undefined) {
      throw new AtlasError('checkpoint/missing-tensor', `${this.place}: ${subject} is missing, expected key "${key}"`)
    }
    const fits = tensor.shape.length === axes.length && axes.every(([, size], axis) => tensor.shape[axis] === size)
    if (!fits) {
      const expected = axes.map(([name, size]) => `${name} ${size}`).join(', ')
      throw new AtlasError(
        'checkpoint/bad-shape',
        `${this.place}: ${subject} has shape [${tensor.shape.join(', ')}], expected [${expected}]`,
        { details: { key: tensor.key } },
      )
    }
    this.taken.add(key)
    return tensor
  }

  /** The tensor where the checkpoint has it. */
  takeOptional(key: string, subject: string, axes: readonly Axis[]): WeightTensor | null {
    return this.has(key) ? this.take(key, subject, axes) : null
  }

  /** Refuses the first key that nothing has taken; `expected` says what the checkpoint should be. */
  refuseRest(expected: string): void {
    const rest = [...this.tensors].filter(([key]) => !this.taken.has(key))
    const [first] = rest
    if (first === undefined) return
    throw new AtlasError(
      'checkpoint/unknown-key',
      `${this.place}: key "${first[1].key}" is unknown, expected only those of ${expected}`,
      { details: { key: first[1].key, unknown: rest.length } },
    )
  }
}
