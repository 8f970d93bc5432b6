import { expect, test } from 'vitest'
import { rowAfterKey } from '../../../../src/pages/module/useRowKeys.ts'

test.each<[string, number | null, number, number | null]>([
  ['ArrowDown', null, 30, 0],
  ['ArrowDown', 3, 30, 4],
  ['ArrowDown', 29, 30, 29],
  ['ArrowUp', null, 30, 0],
  ['ArrowUp', 3, 30, 2],
  ['ArrowUp', 0, 30, 0],
  ['PageDown', 3, 30, 13],
  ['PageDown', 25, 30, 29],
  ['PageUp', 3, 30, 0],
  ['Home', 17, 30, 0],
  ['End', 17, 30, 29],
  ['End', null, 0, null],
  ['a', 17, 30, null],
])('%s from row %s of %d leads to %s', (key, chosen, total, target) => {
  expect(rowAfterKey(key, chosen, total)).toBe(target)
})
