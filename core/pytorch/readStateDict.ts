import type { WeightDtype } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { describeValue, type PickleRules, parseTensorPickle, type StoredTensor } from './parseTensorPickle.ts'

const RULES: PickleRules<WeightDtype> = {
  storageDtypes: new Map([
    ['torch.FloatStorage', 'float32'],
    ['torch.HalfStorage', 'float16'],
    ['torch.BFloat16Storage', 'bfloat16'],
  ]),
  expected: 'a state dict of float32, float16 or bfloat16 tensors',
}

/**
 * The tensors that a pickled state dict names. A value that is no tensor and a key given twice are refused by name, as
 * is whatever else parseTensorPickle refuses.
 */
export function readStateDict(pickle: Uint8Array, place: string): ReadonlyMap<string, StoredTensor<WeightDtype>> {
  return parseTensorPickle(pickle, place, RULES, (root, isTensor) => readRoot(root, isTensor, place))
}

function readRoot(
  root: unknown,
  isTensor: (value: unknown) => value is StoredTensor<WeightDtype>,
  place: string,
): ReadonlyMap<string, StoredTensor<WeightDtype>> {
  if (!(root instanceof Map)) {
    throw new AtlasError('format/unsupported', `${place}: holds ${describeValue(root)}, expected a state dict`)
  }
  const tensors = new Map<string, StoredTensor<WeightDtype>>()
  for (const [key, value] of root) {
    if (typeof key !== 'string') {
      throw new AtlasError('format/unsupported', `${place}: a key is ${describeValue(key)}, expected text`)
    }
    if (!isTensor(value)) {
      throw new AtlasError(
        'format/unsupported',
        `${place}: ${describeValue(key)} is ${describeValue(value)}, expected a tensor`,
      )
    }
    tensors.set(key, value)
  }
  return tensors
}
