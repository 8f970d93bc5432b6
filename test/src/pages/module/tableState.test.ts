import { describe, expect, test } from 'vitest'
import { SUBCOMPONENT_CLASSES } from '../../../../core/statistics/subcomponentClass.ts'
import {
  presetParams,
  readTableState,
  sortBy,
  TABLE_PRESETS,
  type TableState,
  tableQuery,
  toggleClass,
  writeTableState,
} from '../../../../src/pages/module/tableState.ts'

const { several, one, active } = TABLE_PRESETS
const read = (search: string) => readTableState(new URLSearchParams(search), several)

describe('reading an address', () => {
  test('an address that says nothing gives the preset, broadest first', () => {
    expect(read('')).toEqual({
      classes: ['highly_specialised', 'specialised', 'moderate', 'polysemantic'],
      band: null,
      tokenText: '',
      sort: 'unique_tokens',
      direction: 'descending',
    })
  })

  test('classes come in their own order, unknown ones are left out', () => {
    expect(read('class=polysemantic,dead,grand').classes).toEqual(['dead', 'polysemantic'])
    expect(read('class=').classes).toEqual([])
  })

  test('a band opens every active class, the dead band the dead', () => {
    expect(read('band=rare')).toMatchObject({ band: 'rare', classes: active.classes, sort: 'activation_count' })
    expect(read('band=dead')).toMatchObject({ band: 'dead', classes: ['dead'] })
    expect(read('band=lively')).toMatchObject({ band: null, classes: several.classes })
  })

  test('an unknown column or direction falls back to the default, a long text is cut', () => {
    expect(read('sort=DROP&dir=up')).toMatchObject({ sort: 'unique_tokens', direction: 'descending' })
    expect(read(`q=${'x'.repeat(100)}`).tokenText).toHaveLength(64)
  })
})

describe('writing an address', () => {
  test.each<[Partial<TableState>, string]>([
    [{}, ''],
    [{ classes: ['moderate'], sort: 'activation_count' }, 'class=moderate'],
    [{ band: 'rare', classes: active.classes, sort: 'activation_count' }, 'band=rare'],
    [{ tokenText: 'a b&c' }, 'q=a+b%26c'],
    [{ sort: 'mean_ci', direction: 'ascending' }, 'sort=mean_ci&dir=ascending'],
  ])('%o is written as "%s" and read back', (change, search) => {
    const state = { ...read(''), ...change }
    const params = writeTableState(state, several)
    expect(params.toString()).toBe(search)
    expect(readTableState(params, several)).toEqual(state)
  })

  test('a preset of the page needs no parameters, another names its classes', () => {
    expect(presetParams(several, several).toString()).toBe('')
    expect(presetParams(one, several).toString()).toBe('class=truly_monosemantic')
    expect(presetParams(several, active).get('class')).toBe('highly_specialised,specialised,moderate,polysemantic')
  })
})

test('toggling takes a class in and out, in order', () => {
  const state = toggleClass(read('class=moderate'), 'specialised')
  expect(state.classes).toEqual(['specialised', 'moderate'])
  expect(toggleClass(state, 'moderate').classes).toEqual(['specialised'])
})

test('sorting starts with the greatest, but addresses with the lowest, and turns on the second time', () => {
  const byCi = sortBy(read(''), 'mean_ci')
  expect(byCi).toMatchObject({ sort: 'mean_ci', direction: 'descending' })
  expect(sortBy(byCi, 'mean_ci')).toMatchObject({ sort: 'mean_ci', direction: 'ascending' })
  expect(sortBy(byCi, 'address')).toMatchObject({ sort: 'address', direction: 'ascending' })
})

test.each([
  ['band=rare', { minActivationCount: 1, maxActivationCount: 100 }],
  ['band=frequent', { minActivationCount: 101 }],
])('%s asks for %o', (search, limits) => {
  expect(tableQuery(read(search), 3)).toMatchObject({ moduleId: 3, ...limits })
})

test('without a band no count is asked for', () => {
  const query = tableQuery(read(`class=${SUBCOMPONENT_CLASSES.join(',')}`), null)
  expect(query).not.toHaveProperty('minActivationCount')
  expect(query).not.toHaveProperty('maxActivationCount')
})
