import { expect, test } from 'vitest'
import { locateModules } from '../../../core/spd-harvest/locateModules.ts'
import { KEYS, MODULES } from './smallHarvest.ts'

const locate = (keys: readonly string[]) => locateModules(keys, MODULES, 'token_stats.pt')

test('finds each module of the bundle, in whatever order the harvest has them', () => {
  expect(locate(KEYS)).toEqual([
    { path: 'a', C: 2, start: 0, end: 2 },
    { path: 'b', C: 2, start: 2, end: 4 },
  ])
  expect(locate(['b:0', 'b:1', 'a:0', 'a:1'])).toEqual([
    { path: 'a', C: 2, start: 2, end: 4 },
    { path: 'b', C: 2, start: 0, end: 2 },
  ])
})

test.each([
  [
    'a module the bundle lacks',
    [...KEYS, 'c:0'],
    'arguments/invalid',
    'token_stats.pt: has subcomponents of c, a module the bundle lacks',
  ],
  ['no module of the bundle', [], 'arguments/invalid', 'token_stats.pt: has no subcomponents of a, the bundle has 2'],
  [
    'another number of subcomponents',
    ['a:0', 'a:1', 'a:2', 'b:0', 'b:1'],
    'arguments/invalid',
    'token_stats.pt: has 3 subcomponents of a, the bundle has 2',
  ],
  [
    'numbers out of order',
    ['a:1', 'a:0', 'b:0', 'b:1'],
    'format/malformed',
    'token_stats.pt: "component_keys" has "a:1" out of place, expected each module\'s subcomponents from 0 on',
  ],
  [
    'a module in two pieces',
    ['a:0', 'b:0', 'b:1', 'a:0'],
    'format/malformed',
    'token_stats.pt: "component_keys" has "a:0" out of place, expected each module\'s subcomponents from 0 on',
  ],
  [
    'keys that are none',
    ['a'],
    'format/malformed',
    'token_stats.pt: "component_keys" has "a" out of place, expected each module\'s subcomponents from 0 on',
  ],
])('refuses %s', (_, keys, code, message) => {
  expect(() => locate(keys)).toThrow(expect.objectContaining({ code, message }))
})
