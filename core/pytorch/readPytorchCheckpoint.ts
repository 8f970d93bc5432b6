import type { ByteSource } from '../bytes/ByteSource.ts'
import { BYTES_PER_ELEMENT, type ByteOrder, decodeWeights } from '../bytes/decodeWeights.ts'
import type { WeightDtype, WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { gatherStrided } from './gatherStrided.ts'
import { openTorchArchive, type TorchArchive } from './openTorchArchive.ts'
import type { StoredTensor } from './parseTensorPickle.ts'
import { readStateDict } from './readStateDict.ts'
import { checkReach, countElements, lastElement } from './tensorReach.ts'

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
  const archive = await openTorchArchive(source, MAX_PICKLE_BYTES)
  const stored = readStateDict(archive.pickle, `${source.name}, data.pkl`)
  const tensors = new Map<string, WeightTensor>()
  for (const [key, tensor] of stored) {
    const { storage } = tensor
    checkTensor(tensor, archive, `${source.name}: "${key}"`)
    tensors.set(key, {
      key,
      shape: tensor.shape,
      dtype: storage.dtype,
      read: async () => readNumbers(await archive.readStorage(storage.key), tensor, archive.byteOrder),
    })
  }
  return tensors
}

function checkTensor(tensor: StoredTensor<WeightDtype>, archive: TorchArchive, place: string): void {
  const { storage, shape } = tensor
  archive.checkStorage(storage, BYTES_PER_ELEMENT[storage.dtype], place)
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
  checkReach(tensor, place)
}

function readNumbers(storageBytes: Uint8Array, tensor: StoredTensor<WeightDtype>, byteOrder: ByteOrder): Float32Array {
  const { storage, offset, shape, strides } = tensor
  if (countElements(tensor) === 0) return new Float32Array(0)
  const width = BYTES_PER_ELEMENT[storage.dtype]
  const window = storageBytes.subarray(offset * width, (lastElement(tensor) + 1) * width)
  return gatherStrided(decodeWeights(window, storage.dtype, byteOrder), shape, strides)
}
