import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import { ciByte } from '../statistics/ciByte.ts'
import type { FiringWindow } from '../statistics/FiringWindow.ts'
import { parse } from './parseHarvestJson.ts'

/** What is known of every window of one subcomponent. */
export interface WindowSettings {
  /** Active is CI strictly greater, compared in float32 as the package does. */
  readonly threshold: number
  /** Positions a window reaches each way, before it is cut at the ends of its row. */
  readonly radius: number
  readonly vocabularySize: number
  /** ‖U_c‖ of the subcomponent. */
  readonly writeNorm: number
}

/** Positions kept each way: what the package's own default is. */
const MAX_RADIUS = 20

/** The package's mark for a position beyond the ends of a row, in its first layout. */
const PADDING = -1

/** A threshold below every causal importance, where the harvest itself says what is active. */
const ALWAYS = -1

const numbers = v.array(v.number())

/** A window in the layout to February 2026: of full length, padded. */
const paddedWindow = v.object({ token_ids: numbers, ci_values: numbers, component_acts: v.optional(numbers) })

/** A window in the layout since: cut at the ends of its row. */
const cutWindow = v.object({
  token_ids: numbers,
  firings: v.array(v.boolean()),
  activations: v.object({ causal_importance: numbers, component_activation: v.optional(numbers) }),
})

interface RawWindow {
  readonly tokenIds: readonly number[]
  readonly ci: readonly number[]
  /** Scaled inner activations; null in harvests that kept none. */
  readonly scaled: readonly number[] | null
  readonly isActive: readonly boolean[]
  /** Index of the firing the window was taken for. */
  readonly firing: number
  /** Tokens start ≤ i < end are no padding. */
  readonly start: number
  readonly end: number
}

/** The window in `json` of the layout to February 2026. */
export function readPaddedWindow(json: unknown, settings: WindowSettings, place: string): FiringWindow {
  const { token_ids: tokenIds, ci_values: ci, component_acts: scaled = null } = parse(paddedWindow, json, place)
  const { radius } = settings
  const length = 2 * radius + 1
  if (tokenIds.length !== length) throw malformed(place, `has ${tokenIds.length} tokens, expected ${length}`)
  const bound = Math.fround(settings.threshold)
  const isActive = ci.map((value) => value > bound)
  const start = tokenIds.findIndex((id) => id !== PADDING)
  const end = tokenIds.findLastIndex((id) => id !== PADDING) + 1
  return buildWindow({ tokenIds, ci, scaled, isActive, firing: radius, start, end }, settings, place)
}

/**
 * The window in `json` of the layout since February 2026; null where its parts are of different firings and tell of
 * none: the package mixes two firings of a batch that draw the same place in its list (`spd/harvest/reservoir.py`, add).
 */
export function readCutWindow(json: unknown, settings: WindowSettings, place: string): FiringWindow | null {
  const { token_ids: tokenIds, firings: isActive, activations } = parse(cutWindow, json, place)
  const { causal_importance: ci, component_activation: scaled = null } = activations
  const firing = findFiring(isActive, settings.radius)
  if (firing === null) return null
  return buildWindow({ tokenIds, ci, scaled, isActive, firing, start: 0, end: tokenIds.length }, settings, place)
}

/**
 * Index of the firing a window was taken for; null where there is none. A window cut at one end of its row has two
 * places that could be it, one at `radius` from either end: where both are active the earlier is taken. Where none is,
 * the row was shorter than a window, and the earliest that lies within `radius` of both ends is taken.
 */
function findFiring(isActive: readonly boolean[], radius: number): number | null {
  const last = isActive.length - 1
  const ends = [last - radius, radius].sort((a, b) => a - b)
  const fits = (i: number): boolean => last - radius <= i && i <= radius && isActive[i] === true
  return [...ends, ...isActive.keys()].find(fits) ?? null
}

function buildWindow(raw: RawWindow, { vocabularySize, writeNorm }: WindowSettings, place: string): FiringWindow {
  const { tokenIds, ci, scaled, isActive, firing, start, end } = raw
  assertWindow(raw, place)
  const first = Math.max(start, firing - MAX_RADIUS)
  const last = Math.min(end, firing + MAX_RADIUS + 1)
  const kept = tokenIds.slice(first, last)
  const stray = kept.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize))
  if (stray !== undefined) throw malformed(place, `holds token ${stray}, expected ids below ${vocabularySize}`)
  const byteAt = (i: number): number => (isActive[i] === true ? ciByte(ci[i] ?? 0, ALWAYS) : 0)
  const scaledActivation = scaled?.[firing]
  return {
    tokenIds: kept,
    ciBytes: Uint8Array.from(kept, (_, i) => byteAt(first + i)),
    firing: firing - first,
    causalImportance: ci[firing] ?? 0,
    innerActivation: scaledActivation === undefined || writeNorm === 0 ? null : scaledActivation / writeNorm,
  }
}

function assertWindow({ tokenIds, ci, scaled, isActive, firing, start, end }: RawWindow, place: string): void {
  const { length } = tokenIds
  if (ci.length !== length || isActive.length !== length || (scaled !== null && scaled.length !== length)) {
    throw malformed(place, `has ${length} tokens and not as many causal importances and activations`)
  }
  if (!(start <= firing && firing < end && isActive[firing] === true)) {
    throw malformed(place, 'is not active in its middle')
  }
  const broken = ci.find((value) => !(value >= 0))
  if (broken !== undefined) throw malformed(place, `holds a causal importance of ${broken}, expected at least 0`)
}

function malformed(place: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}
