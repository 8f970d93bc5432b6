import type { ByteSource } from '../bytes/ByteSource.ts'
import { BYTES_PER_ELEMENT, type ByteOrder, decodeWeights } from '../bytes/decodeWeights.ts'
import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { gatherStrided } from './gatherStrided.ts'
import { openZipArchive, type ZipArchive } from './openZipArchive.ts'
import { readStateDict, type StoredTensor } from './readStateDict.ts'

/** A state dict's pickle takes about 170 bytes a tensor, so 27 kB for a run of 28 modules; 4 MiB hold some 20,000 tensors. */
const MAX_PICKLE_BYTES = 2 ** 22
/** The largest tensor of a run of C = 4,000, a CI function's [4000, 341, 12], has 16 million; 2^29 are 2 GiB of float32. */
const MAX_TENSOR_ELEMENTS = 2 ** 29
/** PyTorch itself allows more axes; no weight of a run has more than three. */
const MAX_TENSOR_AXES = 8

/**
 * The tensors of a state dict saved by torch.save in its zip format, in the file's order; numbers are read when asked
 * for. Nothing in the file is executed. Anything but a plain state dict of float weights is refused by name.
 */
export async function readPytorchCheckpoint(source: ByteSource): Promise<ReadonlyMap<string, WeightTensor>> {
  const archive = await openZipArchive(source)
  const folder = findFolder(archive, source.name)
  const pickleBytes = archive.sizes.get(`${folder}/data.pkl`) ?? 0
  if (pickleBytes > MAX_PICKLE_BYTES) {
    throw new AtlasError(
      'format/too-large',
      `${source.name}: data.pkl has ${pickleBytes} bytes, expected at most ${MAX_PICKLE_BYTES}`,
    )
  }
  const byteOrder = await readByteOrder(archive, folder, source.name)
  const stored = readStateDict(await archive.read(`${folder}/data.pkl`), `${source.name}, data.pkl`)
  const tensors = new Map<string, WeightTensor>()
  for (const [key, tensor] of stored) {
    const path = `${folder}/data/${tensor.storage.key}`
    checkTensor(tensor, archive.sizes.get(path), `${source.name}: "${key}"`)
    tensors.set(key, {
      key,
      shape: tensor.shape,
      dtype: tensor.storage.dtype,
      read: async () => readNumbers(await archive.read(path), tensor, byteOrder),
    })
  }
  return tensors
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

function checkTensor(tensor: StoredTensor, storageBytes: number | undefined, place: string): void {
  const { storage, shape } = tensor
  const expected = storage.elementCount * BYTES_PER_ELEMENT[storage.dtype]
  if (storageBytes !== expected) {
    throw new AtlasError(
      'format/malformed',
      `${place}: storage ${storage.key} has ${storageBytes ?? 'no'} bytes, expected ${expected} (${storage.elementCount} ${storage.dtype})`,
    )
  }
  if (shape.length > MAX_TENSOR_AXES) {
    throw new AtlasError('format/too-large', `${place} has ${shape.length} axes, expected at most ${MAX_TENSOR_AXES}`)
  }
  const elements = countElements(tensor)
  if (elements > MAX_TENSOR_ELEMENTS) {
    throw new AtlasError(
      'format/too-large',
      `${place} has ${elements} elements, expected at most ${MAX_TENSOR_ELEMENTS}`,
    )
  }
  const end = elements === 0 ? tensor.offset : lastElement(tensor) + 1
  if (end > storage.elementCount) {
    throw new AtlasError(
      'format/malformed',
      `${place}: shape [${shape.join(', ')}], strides [${tensor.strides.join(', ')}] and offset ${tensor.offset} reach element ${end} of a storage of ${storage.elementCount}`,
    )
  }
}

const countElements = ({ shape }: StoredTensor): number => shape.reduce((product, size) => product * size, 1)

const lastElement = ({ offset, shape, strides }: StoredTensor): number =>
  shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] ?? 0), offset)

function readNumbers(storageBytes: Uint8Array, tensor: StoredTensor, byteOrder: ByteOrder): Float32Array {
  const { storage, offset, shape, strides } = tensor
  if (countElements(tensor) === 0) return new Float32Array(0)
  const width = BYTES_PER_ELEMENT[storage.dtype]
  const window = storageBytes.subarray(offset * width, (lastElement(tensor) + 1) * width)
  return gatherStrided(decodeWeights(window, storage.dtype, byteOrder), shape, strides)
}
