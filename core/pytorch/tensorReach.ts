import { AtlasError } from '../errors/AtlasError.ts'
import type { StoredTensor } from './parseTensorPickle.ts'

/** Elements of a tensor, whatever its strides. */
export const countElements = ({ shape }: StoredTensor<string>): number =>
  shape.reduce((product, size) => product * size, 1)

/** Place in the storage of the last element; a tensor without elements has none. */
export const lastElement = ({ offset, shape, strides }: StoredTensor<string>): number =>
  shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] ?? 0), offset)

/** Refuses a tensor that reaches beyond its storage. */
export function checkReach(tensor: StoredTensor<string>, place: string): void {
  const { storage, shape, strides, offset } = tensor
  const end = countElements(tensor) === 0 ? offset : lastElement(tensor) + 1
  if (end <= storage.elementCount) return
  throw new AtlasError(
    'format/malformed',
    `${place}: shape [${shape.join(', ')}], strides [${strides.join(', ')}] and offset ${offset} reach element ${end} of a storage of ${storage.elementCount}`,
  )
}
