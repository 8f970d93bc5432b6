import { describe, expect, test } from 'vitest'
import { storyIds } from '../../../core/inference/storyIds.ts'

const MODEL = { vocabulary_size: 10, context_length: 3 }

describe('storyIds', () => {
  test('gives one story as int64[1, T]', () => {
    expect(storyIds([9, 0, 4], MODEL)).toEqual({ type: 'int64', data: BigInt64Array.of(9n, 0n, 4n), dims: [1, 3] })
  })

  test.each([
    [[], 'story/empty', 'story: 0 tokens, expected at least 1'],
    [[1, 2, 3, 4], 'story/too-long', 'story: 4 tokens, expected at most 3'],
    [[10], 'arguments/invalid', 'story: token id 10, expected 0 to 9'],
    [[-1], 'arguments/invalid', 'story: token id -1, expected 0 to 9'],
    [[1.5], 'arguments/invalid', 'story: token id 1.5, expected 0 to 9'],
  ])('refuses %j', (ids, code, message) => {
    expect(() => storyIds(ids, MODEL)).toThrow(expect.objectContaining({ code, message }))
  })
})
