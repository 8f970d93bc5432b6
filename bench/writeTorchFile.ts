import { type FileHandle, open } from 'node:fs/promises'

/** A tensor of a fabricated file: int64 or float32, row-major; rows that are not written are zero. */
export interface FabricatedTensor {
  readonly dtype: 'int64' | 'float32'
  readonly shape: readonly number[]
  /** Rows with numbers other than 0, in ascending order. */
  rows(): Iterable<readonly [row: number, numbers: Float64Array]>
}

export type FabricatedValue = number | readonly string[] | FabricatedTensor

const STORAGE_CLASS = { int64: 'LongStorage', float32: 'FloatStorage' } as const
const ELEMENT_BYTES = { int64: 8, float32: 4 } as const
const LARGE = 0xffffffff

/** Writes a dictionary as torch.save does; what is zero of a tensor takes no room on disk. */
export async function writeTorchFile(path: string, values: Readonly<Record<string, FabricatedValue>>): Promise<void> {
  const tensors = Object.values(values).filter((value) => typeof value === 'object' && 'rows' in value)
  const file = await open(path, 'w')
  try {
    const entries: ZipEntry[] = []
    let offset = await writeEntry(file, entries, 'run/data.pkl', 0, pickle(values))
    for (const [i, tensor] of tensors.entries()) {
      if (typeof tensor !== 'object' || !('rows' in tensor)) continue
      const size = tensor.shape.reduce((product, length) => product * length, ELEMENT_BYTES[tensor.dtype])
      const header = localHeader(`run/data/${i}`, size)
      await file.write(header, 0, header.length, offset)
      await writeRows(file, tensor, offset + header.length)
      entries.push({ name: `run/data/${i}`, size, offset })
      offset += header.length + size
    }
    const directory = zipDirectory(entries, offset)
    await file.write(directory, 0, directory.length, offset)
  } finally {
    await file.close()
  }
}

interface ZipEntry {
  readonly name: string
  readonly size: number
  readonly offset: number
}

async function writeRows(file: FileHandle, tensor: FabricatedTensor, start: number): Promise<void> {
  const rowLength = tensor.shape.slice(1).reduce((product, length) => product * length, 1)
  const rowBytes = rowLength * ELEMENT_BYTES[tensor.dtype]
  for (const [row, numbers] of tensor.rows()) {
    const bytes = tensor.dtype === 'float32' ? Buffer.from(Float32Array.from(numbers).buffer) : int64Bytes(numbers)
    await file.write(bytes, 0, bytes.length, start + row * rowBytes)
  }
}

function int64Bytes(numbers: Float64Array): Buffer {
  const words = new Uint32Array(2 * numbers.length)
  for (let i = 0; i < numbers.length; i++) words[2 * i] = numbers[i] ?? 0
  return Buffer.from(words.buffer)
}

async function writeEntry(file: FileHandle, entries: ZipEntry[], name: string, offset: number, bytes: Buffer) {
  const header = localHeader(name, bytes.length)
  await file.write(header, 0, header.length, offset)
  await file.write(bytes, 0, bytes.length, offset + header.length)
  entries.push({ name, size: bytes.length, offset })
  return offset + header.length + bytes.length
}

/** APPNOTE.TXT of PKWARE, 4.3.7 and 4.5.3: zip64 sizes always. CRCs are left 0. */
function localHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(30 + name.length + 20)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(45, 4)
  header.writeUInt32LE(LARGE, 18)
  header.writeUInt32LE(LARGE, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(20, 28)
  header.write(name, 30)
  zip64Extra([size, size]).copy(header, 30 + name.length)
  return header
}

function zip64Extra(numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * numbers.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * numbers.length, 2)
  for (const [i, number] of numbers.entries()) extra.writeBigUInt64LE(BigInt(number), 4 + 8 * i)
  return extra
}

function zipDirectory(entries: readonly ZipEntry[], start: number): Buffer {
  const records = entries.map(({ name, size, offset }) => {
    const record = Buffer.alloc(46)
    record.writeUInt32LE(0x02014b50, 0)
    record.writeUInt16LE(45, 4)
    record.writeUInt16LE(45, 6)
    for (const at of [20, 24, 42]) record.writeUInt32LE(LARGE, at)
    record.writeUInt16LE(name.length, 28)
    record.writeUInt16LE(28, 30)
    return Buffer.concat([record, Buffer.from(name), zip64Extra([size, size, offset])])
  })
  const directory = Buffer.concat(records)
  const end64 = Buffer.alloc(56)
  end64.writeUInt32LE(0x06064b50, 0)
  end64.writeBigUInt64LE(44n, 4)
  end64.writeUInt16LE(45, 12)
  end64.writeUInt16LE(45, 14)
  end64.writeBigUInt64LE(BigInt(entries.length), 24)
  end64.writeBigUInt64LE(BigInt(entries.length), 32)
  end64.writeBigUInt64LE(BigInt(directory.length), 40)
  end64.writeBigUInt64LE(BigInt(start), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(start + directory.length), 8)
  locator.writeUInt32LE(1, 16)
  const end = Buffer.alloc(22, 0xff)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt32LE(0, 4)
  end.writeUInt16LE(0, 20)
  return Buffer.concat([directory, end64, locator, end])
}

/** Protocol 2: numbers as LONG1, lists of BINUNICODE, tensors rebuilt from their storage. */
function pickle(values: Readonly<Record<string, FabricatedValue>>): Buffer {
  let storage = 0
  const value = (found: FabricatedValue): Buffer => {
    if (typeof found === 'number') return long(found)
    if ('rows' in found) return tensor(found, String(storage++))
    return Buffer.concat([Buffer.from(']('), ...found.map(text), Buffer.from('e')])
  }
  const entries = Object.entries(values).flatMap(([key, found]) => [text(key), value(found)])
  return Buffer.concat([Buffer.from([0x80, 2]), Buffer.from('}('), ...entries, Buffer.from('u.')])
}

function tensor({ dtype, shape }: FabricatedTensor, key: string): Buffer {
  const count = shape.reduce((product, length) => product * length, 1)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  const id = tuple(text('storage'), global('torch', STORAGE_CLASS[dtype]), text(key), text('cpu'), long(count))
  const hooks = Buffer.concat([global('collections', 'OrderedDict'), tuple(), Buffer.from('R')])
  const parts = [long(0), tuple(...shape.map(long)), tuple(...strides.map(long)), Buffer.from([0x89]), hooks]
  const rebuild = global('torch._utils', '_rebuild_tensor_v2')
  return Buffer.concat([rebuild, tuple(Buffer.concat([id, Buffer.from('Q')]), ...parts), Buffer.from('R')])
}

const tuple = (...items: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')])
const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`)

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(5)
  length.write('X')
  length.writeUInt32LE(bytes.length, 1)
  return Buffer.concat([length, bytes])
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(10)
  bytes.writeUInt8(0x8a, 0)
  bytes.writeUInt8(8, 1)
  bytes.writeBigInt64LE(BigInt(value), 2)
  return bytes
}
