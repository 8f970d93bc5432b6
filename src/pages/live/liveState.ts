import type { AddressableModule } from '../../../core/decomposition/addresses.ts'
import { fullAddress, readAddress } from '../../../core/decomposition/addresses.ts'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import type { RankOrder } from '../../../core/inference/activeSubcomponents.ts'

/** What a reader looks at on the live page, all of it in the address of the page. */
export interface LiveState {
  readonly text: string
  /** Whether only the first tokens are taken, as many as the context holds. */
  readonly isCut: boolean
  /** Chosen token; null is the last one of the text, whatever is typed. */
  readonly position: number | null
  /** Module whose active subcomponents alone are listed; null for all. */
  readonly modulePath: string | null
  /** Subcomponent by whose causal importance the story is shaded. */
  readonly shaded: LiveSubcomponent | null
  readonly ablated: readonly LiveSubcomponent[]
  readonly order: RankOrder
}

export interface LiveSubcomponent {
  readonly modulePath: string
  readonly subcomponent: number
}

/** A state read from a link, and what in the link could not be understood. */
export interface ReadLiveState {
  readonly state: LiveState
  readonly problems: readonly AtlasError[]
}

export const EMPTY_STATE: LiveState = {
  text: '',
  isCut: false,
  position: null,
  modulePath: null,
  shaded: null,
  ablated: [],
  order: 'causalImportance',
}

/** The state `params` name; parts that name nothing of the run are left out and told of. */
export function readLiveState(params: URLSearchParams, modules: readonly AddressableModule[]): ReadLiveState {
  const problems: AtlasError[] = []
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof AtlasError)) throw error
      problems.push(error)
      return otherwise
    }
  }
  const module = params.get('module')
  const shade = params.get('shade')
  const ablated = (params.get('ablate') ?? '').split(',').filter((address) => address !== '')
  const state: LiveState = {
    text: params.get('text') ?? '',
    isCut: params.get('cut') === '1',
    position: attempt(() => readPosition(params.get('at')), null),
    modulePath: module === null ? null : attempt(() => readAddress(module, modules).module.path, null),
    shaded: shade === null ? null : attempt(() => readSubcomponent(shade, modules), null),
    ablated: ablated.flatMap((address) => attempt(() => [readSubcomponent(address, modules)], [])),
    order: params.get('order') === 'scaled' ? 'scaledInnerActivation' : 'causalImportance',
  }
  return { state, problems }
}

/** The parameters `readLiveState` reads, full addresses, only what differs from nothing. */
export function writeLiveState(state: LiveState): URLSearchParams {
  const { text, isCut, position, modulePath, shaded, ablated, order } = state
  const params = new URLSearchParams()
  if (text !== '') params.set('text', text)
  if (isCut) params.set('cut', '1')
  if (position !== null) params.set('at', String(position))
  if (modulePath !== null) params.set('module', modulePath)
  if (shaded !== null) params.set('shade', addressOf(shaded))
  if (ablated.length > 0) params.set('ablate', ablated.map(addressOf).join())
  if (order !== 'causalImportance') params.set('order', 'scaled')
  return params
}

/** The state with `subcomponent` ablated, or no longer so. */
export function toggleAblated(state: LiveState, subcomponent: LiveSubcomponent): LiveState {
  const others = state.ablated.filter((other) => !isSame(other, subcomponent))
  const isAblated = others.length < state.ablated.length
  return { ...state, ablated: isAblated ? others : [...state.ablated, subcomponent] }
}

export const isSame = (a: LiveSubcomponent, b: LiveSubcomponent): boolean =>
  a.modulePath === b.modulePath && a.subcomponent === b.subcomponent

export const addressOf = ({ modulePath, subcomponent }: LiveSubcomponent): string =>
  fullAddress(modulePath, subcomponent)

function readPosition(text: string | null): number | null {
  if (text === null) return null
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new AtlasError('address/unknown', `at=${text}: no position, expected a number from 0`)
}

function readSubcomponent(text: string, modules: readonly AddressableModule[]): LiveSubcomponent {
  const { module, subcomponent } = readAddress(text, modules)
  if (subcomponent !== null) return { modulePath: module.path, subcomponent }
  throw new AtlasError('address/unknown', `${text}: no subcomponent, expected ${module.path}:0 to ${module.c - 1}`)
}
