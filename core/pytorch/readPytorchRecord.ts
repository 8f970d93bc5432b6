import type { ByteSource } from '../bytes/ByteSource.ts'
import { decodeNumbers, NUMBER_BYTES, type NumberDtype } from '../bytes/decodeNumbers.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import { openTorchArchive, type TorchArchive } from './openTorchArchive.ts'
import { describeValue, type PickleRules, parseTensorPickle, type StoredTensor } from './parseTensorPickle.ts'
import { checkReach } from './tensorReach.ts'

/** A dictionary saved by torch.save, each value read by name as what it must be; anything else is refused by name. */
export interface PytorchRecord {
  /** What messages call the file. */
  readonly name: string
  /** A whole number ≥ 0. */
  count(key: string): number
  texts(key: string): readonly string[]
  /** A tensor of exactly `shape`, row-major. */
  tensor(key: string, shape: readonly number[]): StripedTensor
}

/** A dense tensor that is read a stripe of rows at a time. */
export interface StripedTensor {
  /** For messages, e.g. 'token_stats.pt: "input_counts"'. */
  readonly place: string
  readonly rowCount: number
  /** Numbers in a row: 1 for a vector. */
  readonly rowLength: number
  /** Rows `start` to `end`, half-open, in a file that is read only there. */
  readRows(start: number, end: number): Promise<Float64Array>
}

/** A name takes some 50 bytes: 64 MiB hold those of a million subcomponents. */
const MAX_PICKLE_BYTES = 2 ** 26

const RULES: PickleRules<NumberDtype> = {
  storageDtypes: new Map([
    ['torch.FloatStorage', 'float32'],
    ['torch.DoubleStorage', 'float64'],
    ['torch.IntStorage', 'int32'],
    ['torch.LongStorage', 'int64'],
  ]),
  expected: 'a dictionary of float32, float64, int32 or int64 tensors, whole numbers and lists of text',
}

type RecordValue = number | readonly string[] | StoredTensor<NumberDtype>

/** Opens a file of torch.save that holds a dictionary of numbers, lists of text and tensors; no tensor is read yet. */
export async function readPytorchRecord(source: ByteSource): Promise<PytorchRecord> {
  const { name } = source
  const archive = await openTorchArchive(source, MAX_PICKLE_BYTES)
  const values = readValues(archive.pickle, `${name}, data.pkl`)
  const placeOf = (key: string): string => `${name}: "${key}"`
  const refuse = (key: string, expected: string): never => {
    const value = values.get(key)
    const found = value === undefined ? 'absent' : isTensor(value) ? 'a tensor' : describeValue(value)
    throw new AtlasError('format/malformed', `${placeOf(key)} is ${found}, expected ${expected}`)
  }
  return {
    name,
    count: (key) => {
      const value = values.get(key)
      return typeof value === 'number' ? value : refuse(key, 'a whole number')
    },
    texts: (key) => {
      const value = values.get(key)
      return isTexts(value) ? value : refuse(key, 'a list of text')
    },
    tensor: (key, shape) => {
      const value = values.get(key)
      if (value === undefined || !isTensor(value)) return refuse(key, 'a tensor')
      checkTensor(value, shape, archive, placeOf(key))
      return stripedTensor(value, archive, placeOf(key))
    },
  }
}

function readValues(pickle: Uint8Array, place: string): ReadonlyMap<string, RecordValue> {
  return parseTensorPickle(pickle, place, RULES, (root, isStored) => {
    if (!(root instanceof Map)) {
      throw new AtlasError('format/unsupported', `${place}: holds ${describeValue(root)}, expected a dictionary`)
    }
    const values = new Map<string, RecordValue>()
    for (const [key, found] of root) {
      const value = isStored(found) ? found : readPlain(found, pickle.length)
      if (typeof key !== 'string' || value === null) {
        const finding = `${describeValue(key)} is ${describeValue(found)}`
        throw new AtlasError('format/unsupported', `${place}: ${finding}, expected ${RULES.expected}`)
      }
      values.set(key, value)
    }
    return values
  })
}

/** A whole number ≥ 0 or a copy of a list of text; null for anything else, such as a list given a length beyond `maxLength`. */
function readPlain(value: unknown, maxLength: number): number | readonly string[] | null {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number') return Number.isSafeInteger(number) && number >= 0 ? number : null
  if (!Array.isArray(value) || value.length > maxLength) return null
  const copy: unknown[] = Array.from({ length: value.length }, (_, i): unknown => value[i])
  return copy.every((item) => typeof item === 'string') ? copy : null
}

const isTexts = (value: RecordValue | undefined): value is readonly string[] => Array.isArray(value)

const isTensor = (value: RecordValue): value is StoredTensor<NumberDtype> =>
  typeof value === 'object' && 'storage' in value

function checkTensor(
  tensor: StoredTensor<NumberDtype>,
  shape: readonly number[],
  archive: TorchArchive,
  place: string,
): void {
  const { storage, strides } = tensor
  if (tensor.shape.join() !== shape.join()) {
    const finding = `has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`
    throw new AtlasError('format/malformed', `${place} ${finding}`)
  }
  const rowMajor = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
  if (strides.some((stride, axis) => stride !== rowMajor[axis] && shape[axis] !== 1)) {
    const finding = `has strides [${strides.join(', ')}], expected [${rowMajor.join(', ')}]`
    throw new AtlasError('format/unsupported', `${place} ${finding}`)
  }
  archive.checkStorage(storage, NUMBER_BYTES[storage.dtype], place)
  checkReach(tensor, place)
}

function stripedTensor(tensor: StoredTensor<NumberDtype>, archive: TorchArchive, place: string): StripedTensor {
  const { storage, offset, shape } = tensor
  const [rowCount = 0, ...rest] = shape
  const rowLength = rest.reduce((product, size) => product * size, 1)
  const elementBytes = NUMBER_BYTES[storage.dtype]
  return {
    place,
    rowCount,
    rowLength,
    readRows: async (start, end) => {
      invariant(0 <= start && start <= end && end <= rowCount, `${place}: rows ${start} to ${end} of ${rowCount}`)
      const at = (row: number): number => (offset + row * rowLength) * elementBytes
      const bytes = await archive.sliceStorage(storage.key, at(start), at(end))
      return decodeNumbers(bytes, storage.dtype, archive.byteOrder, place)
    },
  }
}
