import { isSortColumn, type SortColumn, type SubcomponentQuery } from '../../../core/bundle/querySubcomponents.ts'
import { type FiringBand, MAX_RARE_COUNT } from '../../../core/statistics/firingBand.ts'
import { SUBCOMPONENT_CLASSES, type SubcomponentClass } from '../../../core/statistics/subcomponentClass.ts'
import type { SortDirection } from '../../ui/SortHeader.tsx'

/** What the table of subcomponents shows, as the address of the page says it. */
export interface TableState {
  readonly classes: readonly SubcomponentClass[]
  readonly band: FiringBand | null
  readonly tokenText: string
  readonly sort: SortColumn
  readonly direction: SortDirection
}

/** The tables of the report, each a choice of classes. */
export interface TablePreset {
  readonly name: string
  readonly classes: readonly SubcomponentClass[]
}

const ACTIVE = SUBCOMPONENT_CLASSES.filter((name) => name !== 'dead')
const SEVERAL = ACTIVE.filter((name) => name !== 'truly_monosemantic')

export const TABLE_PRESETS = {
  several: { name: 'Two tokens or more, broadest first', classes: SEVERAL },
  one: { name: 'Exactly one token', classes: ['truly_monosemantic'] },
  active: { name: 'All active', classes: ACTIVE },
} as const satisfies Record<string, TablePreset>

/** Longest text looked for in tokens. */
const MAX_TEXT_LENGTH = 64

/** The state `params` give; what they leave open or say wrongly is that of `preset`. */
export function readTableState(params: URLSearchParams, preset: TablePreset): TableState {
  const band = readBand(params.get('band'))
  const classes = readClasses(params.get('class')) ?? defaultClasses(band, preset)
  const sort = params.get('sort') ?? ''
  return {
    classes,
    band,
    tokenText: (params.get('q') ?? '').slice(0, MAX_TEXT_LENGTH),
    sort: isSortColumn(sort) ? sort : defaultSort(classes),
    direction: params.get('dir') === 'ascending' ? 'ascending' : 'descending',
  }
}

/** The parameters of `state`; the inverse of `readTableState`, leaving out what `preset` gives anyway. */
export function writeTableState(state: TableState, preset: TablePreset): URLSearchParams {
  const params = new URLSearchParams()
  if (!isSameClasses(state.classes, defaultClasses(state.band, preset))) params.set('class', state.classes.join(','))
  if (state.band !== null) params.set('band', state.band)
  if (state.tokenText !== '') params.set('q', state.tokenText)
  if (state.sort !== defaultSort(state.classes)) params.set('sort', state.sort)
  if (state.direction === 'ascending') params.set('dir', state.direction)
  return params
}

/** The parameters that turn a page of `preset` to the table of `chosen`. */
export function presetParams(chosen: TablePreset, preset: TablePreset): URLSearchParams {
  const only = new URLSearchParams({ class: chosen.classes.join(',') })
  return writeTableState(readTableState(only, preset), preset)
}

/** The whole result of `state`, of one module or of all. */
export function tableQuery(state: TableState, moduleId: number | null): SubcomponentQuery {
  const { classes, band, tokenText, sort, direction } = state
  return {
    moduleId,
    classes,
    ...bandLimits(band),
    tokenText,
    sort: { column: sort, direction },
    offset: 0,
    limit: Number.MAX_SAFE_INTEGER,
  }
}

/** `state` with a class taken in or out. */
export function toggleClass(state: TableState, name: SubcomponentClass): TableState {
  const isIn = state.classes.includes(name)
  const classes = SUBCOMPONENT_CLASSES.filter((other) => (other === name ? !isIn : state.classes.includes(other)))
  return { ...state, classes }
}

/** `state` sorted by `column`: the other way round where it is so already, else greatest first, addresses lowest first. */
export function sortBy(state: TableState, column: SortColumn): TableState {
  if (state.sort !== column) {
    return { ...state, sort: column, direction: column === 'address' ? 'ascending' : 'descending' }
  }
  return { ...state, direction: state.direction === 'ascending' ? 'descending' : 'ascending' }
}

/** Whether two lists, each in order, hold the same classes. */
export function isSameClasses(a: readonly SubcomponentClass[], b: readonly SubcomponentClass[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}

/** The order in which classes are read best: broadest first where several tokens are the point, else by activations. */
function defaultSort(classes: readonly SubcomponentClass[]): SortColumn {
  return isSameClasses(classes, SEVERAL) ? 'unique_tokens' : 'activation_count'
}

function defaultClasses(band: FiringBand | null, preset: TablePreset): readonly SubcomponentClass[] {
  if (band === null) return preset.classes
  return band === 'dead' ? ['dead'] : ACTIVE
}

function bandLimits(band: FiringBand | null): Pick<SubcomponentQuery, 'minActivationCount' | 'maxActivationCount'> {
  if (band === 'frequent') return { minActivationCount: MAX_RARE_COUNT + 1 }
  if (band === 'rare') return { minActivationCount: 1, maxActivationCount: MAX_RARE_COUNT }
  return {}
}

function readBand(text: string | null): FiringBand | null {
  return text === 'dead' || text === 'rare' || text === 'frequent' ? text : null
}

function readClasses(text: string | null): readonly SubcomponentClass[] | null {
  if (text === null) return null
  const names = text.split(',')
  return SUBCOMPONENT_CLASSES.filter((name) => names.includes(name))
}
