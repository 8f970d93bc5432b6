import { expect, test } from 'vitest'
import {
  isSortColumn,
  querySubcomponents,
  type SortColumn,
  type SubcomponentQuery,
} from '../../../core/bundle/querySubcomponents.ts'
import { SUBCOMPONENT_CLASSES } from '../../../core/statistics/subcomponentClass.ts'
import { openSmallIndex } from './smallIndex.ts'

const summary = await openSmallIndex('index/summary.sqlite')

const everything: SubcomponentQuery = {
  moduleId: null,
  classes: SUBCOMPONENT_CLASSES,
  tokenText: '',
  sort: { column: 'address', direction: 'ascending' },
  offset: 0,
  limit: 100,
}

function addresses(query: Partial<SubcomponentQuery>): string[] {
  return querySubcomponents(summary, { ...everything, ...query }).rows.map(
    (row) => `${row.moduleId}:${row.subcomponent}`,
  )
}

test('all rows come in order of addresses, with their five top tokens', () => {
  expect(addresses({})).toEqual(['0:0', '0:1', '0:2', '1:0', '1:1'])
  const [row] = querySubcomponents(summary, everything).rows
  expect(row?.topTokens).toEqual([{ tokenId: 1, token: 'cat', count: 3 }])
})

test('a window is cut from the sorted rows, and the total counts all of them', () => {
  const table = querySubcomponents(summary, { ...everything, offset: 1, limit: 2 })
  expect(table.total).toBe(5)
  expect(table.rows.map((row) => [row.moduleId, row.subcomponent])).toEqual([
    [0, 1],
    [0, 2],
  ])
})

test('filters by module, class, activation count', () => {
  expect(addresses({ moduleId: 1 })).toEqual(['1:0', '1:1'])
  expect(addresses({ classes: ['truly_monosemantic'] })).toEqual(['0:0', '1:0'])
  expect(addresses({ classes: [] })).toEqual([])
  expect(addresses({ minActivationCount: 4 })).toEqual(['0:1'])
  expect(addresses({ minActivationCount: 1, maxActivationCount: 3 })).toEqual(['0:0', '1:0', '1:1'])
})

test('filters by a piece of a top token, in any case, taken literally', () => {
  expect(addresses({ tokenText: 'CA' })).toEqual(['0:0', '0:1', '1:0'])
  expect(addresses({ tokenText: '[e' })).toEqual(['0:1', '1:1'])
  expect(addresses({ tokenText: '%' })).toEqual([])
  expect(addresses({ tokenText: "'; DROP TABLE token; --" })).toEqual([])
  expect(addresses({})).toHaveLength(5)
})

test.each<[SortColumn, string[]]>([
  // Equal counts: more activations first, then the lower address.
  ['address', ['1:1', '1:0', '0:2', '0:1', '0:0']],
  ['activation_count', ['0:1', '0:0', '1:0', '1:1', '0:2']],
  ['unique_tokens', ['0:1', '1:1', '0:0', '1:0', '0:2']],
  ['class', ['0:1', '1:1', '0:0', '1:0', '0:2']],
  ['firing_density', ['0:1', '0:0', '1:0', '1:1', '0:2']],
  ['write_norm', ['0:2', '0:1', '1:1', '0:0', '1:0']],
  // Sums of CI: 2.5 + 0.125 · (0:0), 2.5 (0:1), 0.5 (0:2), 1.5 (1:0), 2.75 (1:1)
  ['mean_ci', ['1:1', '0:0', '0:1', '1:0', '0:2']],
  // All active have 1; the dead have none and come last either way.
  ['concentration', ['0:1', '0:0', '1:0', '1:1', '0:2']],
  ['rank', ['0:0', '1:1', '0:1', '1:0', '0:2']],
])('sorts by %s, greatest first', (column, expected) => {
  expect(addresses({ sort: { column, direction: 'descending' } })).toEqual(expected)
})

test('ascending turns the column round, not the order of equals', () => {
  expect(addresses({ sort: { column: 'unique_tokens', direction: 'ascending' } })).toEqual([
    '0:2',
    '0:0',
    '1:0',
    '1:1',
    '0:1',
  ])
})

test('only the named columns sort', () => {
  expect(isSortColumn('mean_ci')).toBe(true)
  expect(isSortColumn('toString')).toBe(false)
  expect(isSortColumn('1; DROP TABLE token')).toBe(false)
})
