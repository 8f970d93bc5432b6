import type { ByteSource } from '../bytes/ByteSource.ts'
import type { ByteOrder } from '../bytes/decodeWeights.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { openZipArchive, type ZipArchive } from './openZipArchive.ts'
import type { Storage } from './parseTensorPickle.ts'

/** A file of torch.save in its zip format: the pickle read, the storages not. */
export interface TorchArchive {
  readonly pickle: Uint8Array
  readonly byteOrder: ByteOrder
  /** Refuses a storage whose bytes in the archive are not those of its elements, each of `elementBytes`. */
  checkStorage(storage: Storage<string>, elementBytes: number, place: string): void
  /** The whole storage. */
  readStorage(key: string): Promise<Uint8Array>
  /** Bytes `start` to `end`, half-open, of a storage that is not deflated. */
  sliceStorage(key: string, start: number, end: number): Promise<Uint8Array>
}

/** Opens a file of torch.save; a pickle of more than `maxPickleBytes` is `format/too-large`. */
export async function openTorchArchive(source: ByteSource, maxPickleBytes: number): Promise<TorchArchive> {
  const archive = await openZipArchive(source)
  const folder = findFolder(archive, source.name)
  const pickleBytes = archive.sizes.get(`${folder}/data.pkl`) ?? 0
  if (pickleBytes > maxPickleBytes) {
    throw new AtlasError(
      'format/too-large',
      `${source.name}: data.pkl has ${pickleBytes} bytes, expected at most ${maxPickleBytes}`,
    )
  }
  const pathOf = (key: string): string => `${folder}/data/${key}`
  return {
    byteOrder: await readByteOrder(archive, folder, source.name),
    pickle: await archive.read(`${folder}/data.pkl`),
    checkStorage: ({ key, dtype, elementCount }, elementBytes, place) => {
      const found = archive.sizes.get(pathOf(key))
      const expected = elementCount * elementBytes
      if (found === expected) return
      throw new AtlasError(
        'format/malformed',
        `${place}: storage ${key} has ${found ?? 'no'} bytes, expected ${expected} (${elementCount} ${dtype})`,
      )
    },
    readStorage: (key) => archive.read(pathOf(key)),
    sliceStorage: (key, start, end) => archive.slice(pathOf(key), start, end),
  }
}

/** The archive's only top folder, named after the file as it was saved. */
function findFolder(archive: ZipArchive, name: string): string {
  const suffix = '/data.pkl'
  const [path, ...others] = [...archive.sizes.keys()].filter((entry) => entry.endsWith(suffix))
  if (path === undefined || others.length > 0) {
    throw new AtlasError(
      'format/unsupported',
      `${name}: zip holds ${path ? others.length + 1 : 0} files data.pkl, expected the one of torch.save`,
    )
  }
  return path.slice(0, -suffix.length)
}

/** Files of torch before 2.0 say nothing and are little-endian. */
async function readByteOrder(archive: ZipArchive, folder: string, name: string): Promise<ByteOrder> {
  const path = `${folder}/byteorder`
  if (!archive.sizes.has(path)) return 'little'
  const found = new TextDecoder().decode(await archive.read(path))
  if (found === 'little' || found === 'big') return found
  throw new AtlasError('format/unsupported', `${name}: byteorder is "${found}", expected "little" or "big"`)
}
