import { expect, test } from 'vitest'
import { SUBCOMPONENT_CLASSES, subcomponentClass } from '../../../core/statistics/subcomponentClass.ts'

test.each([
  [0, 'dead'],
  [1, 'truly_monosemantic'],
  [2, 'highly_specialised'],
  [5, 'highly_specialised'],
  [6, 'specialised'],
  [20, 'specialised'],
  [21, 'moderate'],
  [100, 'moderate'],
  [101, 'polysemantic'],
  [4096, 'polysemantic'],
])('a subcomponent with %i unique tokens is %s', (uniqueTokens, expected) => {
  expect(subcomponentClass(uniqueTokens)).toBe(expected)
})

test('the classes are listed from dead to polysemantic', () => {
  expect(SUBCOMPONENT_CLASSES).toEqual([
    'dead',
    'truly_monosemantic',
    'highly_specialised',
    'specialised',
    'moderate',
    'polysemantic',
  ])
})
