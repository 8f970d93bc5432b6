import { AtlasError } from '../errors/AtlasError.ts'
import type { GraphTensor } from '../graph/InferenceSession.ts'

/**
 * The token ids of one story as the graphs take them, int64[1, T]. Refuses a story of no tokens (story/empty), of more
 * than the context (story/too-long; nothing is cut), and ids outside the vocabulary (arguments/invalid).
 */
export function storyIds(
  ids: readonly number[],
  model: { readonly vocabulary_size: number; readonly context_length: number },
): GraphTensor {
  if (ids.length === 0) throw new AtlasError('story/empty', 'story: 0 tokens, expected at least 1')
  if (ids.length > model.context_length) {
    throw new AtlasError('story/too-long', `story: ${ids.length} tokens, expected at most ${model.context_length}`, {
      details: { found: ids.length, expected: model.context_length },
    })
  }
  const stray = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= model.vocabulary_size)
  if (stray !== undefined) {
    throw new AtlasError('arguments/invalid', `story: token id ${stray}, expected 0 to ${model.vocabulary_size - 1}`)
  }
  return { type: 'int64', data: BigInt64Array.from(ids, BigInt), dims: [1, ids.length] }
}
