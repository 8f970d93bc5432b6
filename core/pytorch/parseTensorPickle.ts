import { BufferReader, Parser } from 'pickleparser'
import { AtlasError } from '../errors/AtlasError.ts'

/** A tensor of a pickle: a strided view into a storage. All counts are in elements, not bytes. */
export interface StoredTensor<Dtype extends string> {
  readonly storage: Storage<Dtype>
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** One file below the archive's data/ folder. */
export interface Storage<Dtype extends string> {
  readonly key: string
  readonly dtype: Dtype
  readonly elementCount: number
}

/** What may stand in a pickle. */
export interface PickleRules<Dtype extends string> {
  /** Storage types by the global that names them, e.g. "torch.FloatStorage". */
  readonly storageDtypes: ReadonlyMap<string, Dtype>
  /** For messages, e.g. "a state dict of float32 tensors". */
  readonly expected: string
}

/** A pickle of tensors holds no bytes and no integer beyond 64 bits; a longer one only costs time. */
const MAX_NUMBER_BYTES = 8
/** No tensor of a run has more than three; a pickle can give an empty list any length. */
const MAX_AXES = 64
/** Of what a message quotes from the file. */
const MAX_QUOTED_CHARACTERS = 200

/**
 * What `read` makes of a pickle that torch.save wrote, which it is given as plain values, dictionaries as Maps. The
 * pickle is read as data: the only globals are those below, each a function of ours, and pickleparser keeps its own
 * stack, so nesting costs memory in proportion to the file, no more. A foreign global and a foreign object are refused
 * by name, and whatever `read` trips over in a value that only looks like a list or dictionary is `format/malformed`.
 */
export function parseTensorPickle<Dtype extends string, T>(
  pickle: Uint8Array,
  place: string,
  rules: PickleRules<Dtype>,
  read: (root: unknown, isTensor: (value: unknown) => value is StoredTensor<Dtype>) => T,
): T {
  const globals = new Globals(place, rules)
  const parser = new Parser({
    nameResolver: globals,
    persistentResolver: { resolve: (id: unknown) => globals.storage(id) },
    unpicklingTypeOfDictionary: 'Map',
    extensionResolver: { resolve: (code) => globals.refuse(`extension ${code}`) },
  })
  const isTensor = (value: unknown): value is StoredTensor<Dtype> => TensorRecord.is(value)
  return parseStep(place, () => read(parser.read<unknown>(new NumberLimitedReader(pickle, place)), isTensor))
}

/** What the globals of a pickle stand for; frozen, so that no later opcode (BUILD, APPEND) can change a record. */
class Globals<Dtype extends string> {
  private readonly known: ReadonlyMap<string, (...args: readonly unknown[]) => unknown>
  private readonly dtypes = new Map<unknown, Dtype>()
  private readonly place: string
  private readonly expected: string

  constructor(place: string, rules: PickleRules<Dtype>) {
    this.place = place
    this.expected = rules.expected
    const known = new Map<string, (...args: readonly unknown[]) => unknown>([
      ['collections.OrderedDict', () => new OrderedDict(place)],
      ['torch._utils._rebuild_tensor_v2', (...args) => this.tensor(args)],
      ['torch._utils._rebuild_parameter', (tensor) => tensor],
    ])
    for (const [name, dtype] of rules.storageDtypes) {
      const storageClass = (): never => this.malformed(`${name} is called`)
      known.set(name, storageClass)
      this.dtypes.set(storageClass, dtype)
    }
    for (const meaning of known.values()) Object.freeze(meaning)
    this.known = known
  }

  resolve(module: unknown, name: unknown): (...args: readonly unknown[]) => unknown {
    if (typeof module !== 'string' || typeof name !== 'string') return this.malformed('a global has no name')
    const fullName = `${module}.${name}`
    return this.known.get(fullName) ?? this.refuse(`the global ${fullName.slice(0, MAX_QUOTED_CHARACTERS)}`)
  }

  /** Persistent id: ('storage', class, key, location, element count). */
  storage(id: unknown): Storage<Dtype> {
    if (!Array.isArray(id)) return this.malformed(`a persistent id is ${describeValue(id)}`)
    const [tag, storageClass, key, , elementCount]: readonly unknown[] = id
    const dtype = this.dtypes.get(storageClass)
    if (tag !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(elementCount)) {
      return this.malformed('a persistent id is no storage')
    }
    return Object.freeze(new StorageRecord(key, dtype, elementCount))
  }

  private isStorage(value: unknown): value is Storage<Dtype> {
    return StorageRecord.is(value)
  }

  /** Arguments: storage, offset, shape, strides, requires_grad, hooks. */
  private tensor([storage, offset, shape, strides]: readonly unknown[]): StoredTensor<Dtype> {
    if (!this.isStorage(storage)) return this.malformed(`a tensor's storage is ${describeValue(storage)}`)
    if (!isCount(offset)) return this.malformed(`a tensor's offset is ${describeValue(offset)}`)
    const sizes = copyCounts(shape)
    if (sizes === null) return this.malformed(`a tensor's shape is ${describeValue(shape)}`)
    const steps = copyCounts(strides)
    if (steps?.length !== sizes.length) {
      return this.malformed(`a tensor of ${sizes.length} axes has strides ${describeValue(strides)}`)
    }
    return Object.freeze(new TensorRecord(storage, offset, Object.freeze(sizes), Object.freeze(steps)))
  }

  refuse(found: string): never {
    throw new AtlasError('format/unsupported', `${this.place}: names ${found}, expected ${this.expected}`)
  }

  private malformed(finding: string): never {
    throw new AtlasError('format/malformed', `${this.place}: ${finding}`)
  }
}

/** A pickle can give any list these fields, and even this prototype, but not the private one. */
class StorageRecord<Dtype extends string> implements Storage<Dtype> {
  readonly #isOurs = true

  static is(value: unknown): value is StorageRecord<string> {
    return typeof value === 'object' && value !== null && #isOurs in value
  }

  constructor(
    readonly key: string,
    readonly dtype: Dtype,
    readonly elementCount: number,
  ) {}
}

class TensorRecord<Dtype extends string> implements StoredTensor<Dtype> {
  readonly #isOurs = true

  static is(value: unknown): value is TensorRecord<string> {
    return typeof value === 'object' && value !== null && #isOurs in value
  }

  constructor(
    readonly storage: Storage<Dtype>,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

class OrderedDict extends Map<unknown, unknown> {
  private readonly place: string

  constructor(place: string) {
    super()
    this.place = place
  }

  override set(key: unknown, value: unknown): this {
    if (this.has(key))
      throw new AtlasError('format/malformed', `${this.place}: key ${describeValue(key)} is given twice`)
    return super.set(key, value)
  }
}

class NumberLimitedReader extends BufferReader {
  private readonly place: string

  constructor(pickle: Uint8Array, place: string) {
    super(pickle)
    this.place = place
  }

  override bytes(length: number): Uint8Array {
    if (length > MAX_NUMBER_BYTES) {
      throw new AtlasError(
        'format/too-large',
        `${this.place}: holds a number or bytes of length ${length}, expected at most ${MAX_NUMBER_BYTES}`,
      )
    }
    return Uint8Array.from(super.bytes(length))
  }

  override string(size: number, encoding: 'ascii' | 'utf-8'): string {
    return new TextDecoder(encoding).decode(Uint8Array.from(super.bytes(size)))
  }
}

/** A failure of pickleparser as ours; a refusal of ours passes as it is. */
function parseStep<T>(place: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (cause instanceof AtlasError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('format/malformed', `${place}: is no readable pickle (${reason})`, { cause })
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** A copy, since a pickle may change its list later, or give it an `every` of its own. */
function copyCounts(value: unknown): number[] | null {
  if (!Array.isArray(value) || value.length > MAX_AXES) return null
  const copy: unknown[] = [...value]
  return copy.every(isCount) ? copy : null
}

/** A value for messages. Never descends: a pickle of a few bytes can stand for lists of lists without end. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, MAX_QUOTED_CHARACTERS)}"`
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value instanceof Map) return 'a dictionary'
  if (typeof value === 'function') return 'a class'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
