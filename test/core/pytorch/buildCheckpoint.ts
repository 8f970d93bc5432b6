import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js'
import type { ByteSource } from '../../../core/bytes/ByteSource.ts'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'

/** Bytes of pickle opcodes that leave one value on the stack. */
export type Pickled = Uint8Array

export const join = (...parts: readonly (Uint8Array | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])))

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

const int32 = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer)

/** BINUNICODE */
export const text = (value: string): Pickled => join(ascii('X'), int32(ascii(value).length), ascii(value))
/** BININT */
export const integer = (value: number): Pickled => join(ascii('J'), int32(value))
/** LONG1 of eight bytes */
export const long = (value: bigint): Pickled => join(0x8a, 8, new Uint8Array(BigInt64Array.of(value).buffer))
/** MARK ... TUPLE */
export const tuple = (...items: readonly Pickled[]): Pickled => join(ascii('('), ...items, ascii('t'))
/** EMPTY_LIST MARK ... APPENDS */
export const list = (...items: readonly Pickled[]): Pickled => join(ascii(']('), ...items, ascii('e'))
/** GLOBAL */
export const global = (module: string, name: string): Pickled => ascii(`c${module}\n${name}\n`)
/** REDUCE */
export const call = (callee: Pickled, ...args: readonly Pickled[]): Pickled => join(callee, tuple(...args), ascii('R'))
/** EMPTY_DICT MARK ... SETITEMS */
export const dictionary = (...entries: readonly (readonly [string, Pickled])[]): Pickled =>
  join(ascii('}('), ...entries.flatMap(([key, value]) => [text(key), value]), ascii('u'))
/** The same, beginning with collections.OrderedDict(). */
export const orderedDict = (...entries: readonly (readonly [string, Pickled])[]): Pickled =>
  join(
    call(global('collections', 'OrderedDict')),
    ascii('('),
    ...entries.flatMap(([key, value]) => [text(key), value]),
    ascii('u'),
  )

interface TensorParts {
  readonly storage?: string
  readonly storageClass?: string
  readonly elementCount?: number
  readonly offset?: Pickled
  /** Sizes, or what stands in their place. */
  readonly shape?: readonly number[] | Pickled
  readonly strides?: readonly number[]
}

/** A tensor as torch.save writes it; by default float32[2, 3] over the whole of storage 0. */
export function tensor(parts: TensorParts = {}): Pickled {
  const {
    storage = '0',
    storageClass = 'FloatStorage',
    elementCount = 6,
    offset = integer(0),
    shape = [2, 3],
    strides = [3, 1],
  } = parts
  const id = tuple(text('storage'), global('torch', storageClass), text(storage), text('cpu'), integer(elementCount))
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    join(id, ascii('Q')),
    offset,
    shape instanceof Uint8Array ? shape : tuple(...shape.map(integer)),
    tuple(...strides.map(integer)),
    Uint8Array.of(0x89),
    call(global('collections', 'OrderedDict')),
  )
}

/** PROTO 2 ... STOP */
export const finished = (value: Pickled): Uint8Array => join(0x80, 2, value, ascii('.'))

interface CheckpointParts {
  readonly pickle: Uint8Array
  readonly storages?: Readonly<Record<string, Uint8Array>>
  readonly byteOrder?: string
  readonly isDeflated?: boolean
}

/** The file torch.save writes, named model_7.pth; by default storage 0 holds 0, 1, ... 5. */
export async function checkpoint(parts: CheckpointParts): Promise<ByteSource> {
  return bytesByteSource(await checkpointBytes(parts), 'model_7.pth')
}

export async function checkpointBytes({
  pickle,
  storages = { 0: new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer) },
  byteOrder,
  isDeflated = false,
}: CheckpointParts): Promise<Uint8Array> {
  const files: [string, Uint8Array][] = [['model_7/data.pkl', pickle]]
  if (byteOrder !== undefined) files.push(['model_7/byteorder', ascii(byteOrder)])
  for (const [key, bytes] of Object.entries(storages)) files.push([`model_7/data/${key}`, bytes])
  return zip(files, isDeflated)
}

export async function zip(files: readonly (readonly [string, Uint8Array])[], isDeflated = false): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), {
    level: isDeflated ? 6 : 0,
    useWebWorkers: false,
    extendedTimestamp: false,
    dataDescriptor: false,
  })
  for (const [path, bytes] of files) await writer.add(path, new Uint8ArrayReader(bytes))
  return writer.close()
}
