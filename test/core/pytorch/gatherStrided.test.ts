import { expect, test } from 'vitest'
import { gatherStrided } from '../../../core/pytorch/gatherStrided.ts'

const six = Float32Array.of(0, 1, 2, 3, 4, 5)

test.each([
  ['a transposed matrix', [3, 2], [1, 3], [0, 3, 1, 4, 2, 5]],
  ['every second element', [3], [2], [0, 2, 4]],
  ['a broadcast row', [2, 3], [0, 1], [0, 1, 2, 0, 1, 2]],
  // element (i, j, k) at 1 i + 4 j + 2 k
  ['three axes', [2, 2, 2], [1, 4, 2], [0, 2, 4, Number.NaN, 1, 3, 5, Number.NaN]],
  ['no axes', [], [], [0]],
])('gathers %s', (_, shape, strides, expected) => {
  const values = shape.length === 0 ? six.subarray(0, 1) : six
  expect(gatherStrided(values, shape, strides)).toEqual(Float32Array.from(expected))
})

test('gives row-major values as they are, whatever the stride of an axis of length one', () => {
  expect(gatherStrided(six, [2, 1, 3], [3, 77, 1])).toBe(six)
})

test('refuses strides of another length', () => {
  expect(() => gatherStrided(six, [6], [])).toThrow('shape and strides of different length')
})
