import { BufferReader, Parser } from 'pickleparser'
import type { WeightDtype } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'

/** A tensor of a state dict: a strided view into a storage. All counts are in elements, not bytes. */
export interface StoredTensor {
  readonly storage: Storage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** One file below the archive's data/ folder. */
export interface Storage {
  readonly key: string
  readonly dtype: WeightDtype
  readonly elementCount: number
}

const STORAGE_DTYPES: ReadonlyMap<string, WeightDtype> = new Map([
  ['torch.FloatStorage', 'float32'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
])

/** A state dict's pickle holds no bytes and no integer beyond 64 bits; a longer one only costs time. */
const MAX_NUMBER_BYTES = 8
/** Of what a message quotes from the file. */
const MAX_QUOTED_CHARACTERS = 200

/**
 * The tensors that a pickled state dict names. The pickle is read as data: the only globals are those below, each a
 * function of ours, and pickleparser keeps its own stack, so nesting costs memory in proportion to the file, no more.
 * A value that is no tensor, a key given twice, a foreign global and a foreign object are refused by name.
 */
export function readStateDict(pickle: Uint8Array, place: string): ReadonlyMap<string, StoredTensor> {
  const globals = new Globals(place)
  const parser = new Parser({
    nameResolver: globals,
    persistentResolver: { resolve: (id: unknown) => globals.storage(id) },
    unpicklingTypeOfDictionary: 'Map',
    extensionResolver: { resolve: (code) => refuse(place, `extension ${code}`) },
  })
  return parseStep(place, () => readRoot(parser.read<unknown>(new NumberLimitedReader(pickle, place)), place))
}

function readRoot(root: unknown, place: string): ReadonlyMap<string, StoredTensor> {
  if (!(root instanceof Map)) {
    throw new AtlasError('format/unsupported', `${place}: holds ${describeValue(root)}, expected a state dict`)
  }
  const tensors = new Map<string, StoredTensor>()
  for (const [key, value] of root) {
    if (typeof key !== 'string') {
      throw new AtlasError('format/unsupported', `${place}: a key is ${describeValue(key)}, expected text`)
    }
    if (!TensorRecord.is(value)) {
      throw new AtlasError(
        'format/unsupported',
        `${place}: ${describeValue(key)} is ${describeValue(value)}, expected a tensor`,
      )
    }
    tensors.set(key, value)
  }
  return tensors
}

/** What the globals of a state dict stand for; frozen, so that no later opcode (BUILD, APPEND) can change a record. */
class Globals {
  private readonly known: ReadonlyMap<string, (...args: readonly unknown[]) => unknown>
  private readonly dtypes = new Map<unknown, WeightDtype>()
  private readonly place: string

  constructor(place: string) {
    this.place = place
    const known = new Map<string, (...args: readonly unknown[]) => unknown>([
      ['collections.OrderedDict', () => new StateDict(place)],
      ['torch._utils._rebuild_tensor_v2', (...args) => this.tensor(args)],
      ['torch._utils._rebuild_parameter', (tensor) => tensor],
    ])
    for (const [name, dtype] of STORAGE_DTYPES) {
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
    return this.known.get(fullName) ?? refuse(this.place, `the global ${fullName.slice(0, MAX_QUOTED_CHARACTERS)}`)
  }

  /** Persistent id: ('storage', class, key, location, element count). */
  storage(id: unknown): Storage {
    if (!Array.isArray(id)) return this.malformed(`a persistent id is ${describeValue(id)}`)
    const [tag, storageClass, key, , elementCount]: readonly unknown[] = id
    const dtype = this.dtypes.get(storageClass)
    if (tag !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(elementCount)) {
      return this.malformed('a persistent id is no storage')
    }
    return Object.freeze(new StorageRecord(key, dtype, elementCount))
  }

  /** Arguments: storage, offset, shape, strides, requires_grad, hooks. */
  private tensor([storage, offset, shape, strides]: readonly unknown[]): StoredTensor {
    if (!StorageRecord.is(storage)) return this.malformed(`a tensor's storage is ${describeValue(storage)}`)
    if (!isCount(offset)) return this.malformed(`a tensor's offset is ${describeValue(offset)}`)
    const sizes = copyCounts(shape)
    if (sizes === null) return this.malformed(`a tensor's shape is ${describeValue(shape)}`)
    const steps = copyCounts(strides)
    if (steps?.length !== sizes.length) {
      return this.malformed(`a tensor of ${sizes.length} axes has strides ${describeValue(strides)}`)
    }
    return Object.freeze(new TensorRecord(storage, offset, Object.freeze(sizes), Object.freeze(steps)))
  }

  private malformed(finding: string): never {
    throw new AtlasError('format/malformed', `${this.place}: ${finding}`)
  }
}

/** A pickle can give any list these fields, and even this prototype, but not the private one. */
class StorageRecord implements Storage {
  readonly #isOurs = true

  static is(value: unknown): value is StorageRecord {
    return typeof value === 'object' && value !== null && #isOurs in value
  }

  constructor(
    readonly key: string,
    readonly dtype: WeightDtype,
    readonly elementCount: number,
  ) {}
}

class TensorRecord implements StoredTensor {
  readonly #isOurs = true

  static is(value: unknown): value is TensorRecord {
    return typeof value === 'object' && value !== null && #isOurs in value
  }

  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

class StateDict extends Map<unknown, unknown> {
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

function refuse(place: string, found: string): never {
  throw new AtlasError(
    'format/unsupported',
    `${place}: names ${found}, expected a state dict of float32, float16 or bfloat16 tensors`,
  )
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** A copy, since a pickle may change its list later, or give it an `every` of its own. */
function copyCounts(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null
  const copy: unknown[] = [...value]
  return copy.every(isCount) ? copy : null
}

/** Never descends: a pickle of a few bytes can stand for lists of lists without end. */
function describeValue(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, MAX_QUOTED_CHARACTERS)}"`
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value instanceof Map) return 'a dictionary'
  if (typeof value === 'function') return 'a class'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
