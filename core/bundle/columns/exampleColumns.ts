import { AtlasError } from '../../errors/AtlasError.ts'
import { ciByte } from '../../statistics/ciByte.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import { expectLength, startsOf } from './expectLength.ts'
import { decodeReals, encodeReals } from './roundedReals.ts'

/**
 * Most tokens the windows of one file may have together, since few bytes can name a long passage many times. The most a
 * harvest may ask for is 192 subcomponents' 2 · 255 examples of 511 tokens: 50 million.
 */
const MAX_WINDOW_TOKENS = 2 ** 26

/** The row of `example`. */
export interface ExampleColumns {
  readonly radius: number | null
  readonly sampled: Uint8Array
  readonly strongest: Uint8Array
  readonly strongest_places: Uint8Array
  readonly passages: Uint8Array
  readonly offsets: Uint8Array
  readonly causal_importance: Uint8Array
  readonly inner_activation: Uint8Array
  readonly window_gaps: Uint8Array
  readonly window_ci: Uint8Array
}

/** A firing and where it stands. */
export interface PlacedExample {
  /** Index in the file's passages. */
  readonly passage: number
  /** Of the firing in its passage. */
  readonly offset: number
  readonly causalImportance: number
  readonly innerActivation: number | null
  /** ciByte of each token of its window. */
  readonly windowCi: Uint8Array
  /** Of the firing in its window. */
  readonly center: number
}

/** The two lists of one subcomponent. */
export interface ExampleLists {
  readonly sampled: readonly PlacedExample[]
  readonly strongest: readonly PlacedExample[]
}

/** The lists of a file's subcomponents. `radius`: tokens a window reaches each way within its passage; null where it is all of it. */
export function encodeExamples(lists: readonly ExampleLists[], radius: number | null): ExampleColumns {
  const merged = lists.map(mergeLists)
  const examples = merged.flatMap((list) => list.examples)
  const windows = examples.map(encodeWindow)
  return {
    radius,
    sampled: encodeVarints(lists.map(({ sampled }) => sampled.length)),
    strongest: encodeVarints(lists.map(({ strongest }) => strongest.length)),
    strongest_places: encodeVarints(merged.flatMap(({ places }) => places)),
    passages: encodeVarints(examples.map(({ passage }) => passage)),
    offsets: encodeVarints(examples.map(({ offset }) => offset)),
    causal_importance: encodeReals(examples.map(({ causalImportance }) => causalImportance)),
    inner_activation: encodeReals(examples.map(({ innerActivation }) => innerActivation)),
    window_gaps: encodeVarints(windows.flatMap(({ gaps }) => gaps)),
    window_ci: Uint8Array.from(windows.flatMap(({ bytes }) => bytes)),
  }
}

/** Firings of both lists stand once: the sampled, then the further strongest. */
function mergeLists({ sampled, strongest }: ExampleLists): { examples: PlacedExample[]; places: number[] } {
  const keyOf = ({ passage, offset }: PlacedExample): string => `${passage}:${offset}`
  const sampledPlaces = new Map(sampled.map((example, i) => [keyOf(example), i + 1]))
  const places = strongest.map((example) => sampledPlaces.get(keyOf(example)) ?? 0)
  return { examples: [...sampled, ...strongest.filter((_, i) => places[i] === 0)], places }
}

/** The active tokens beside the firing: distances of their places in the window (the first from −1), then a 0. */
function encodeWindow({ windowCi, center }: PlacedExample): { gaps: number[]; bytes: number[] } {
  const gaps: number[] = []
  const bytes: number[] = []
  let before = -1
  for (const [i, byte] of windowCi.entries()) {
    if (byte === 0 || i === center) continue
    gaps.push(i - before)
    bytes.push(byte)
    before = i
  }
  return { gaps: [...gaps, 0], bytes }
}

/** The lists of a file's `length` subcomponents, whose passages have `passageLengths` tokens. */
export function decodeExamples(
  columns: ExampleColumns,
  length: number,
  passageLengths: readonly number[],
): ExampleLists[] {
  const place = 'example'
  if (columns.radius !== null && columns.radius < 0) {
    throw new AtlasError('bundle/corrupt', `${place}: radius ${columns.radius}, expected 0 or more`)
  }
  const read = (column: Uint8Array): Uint32Array => decodeVarints(column, place)
  const [sampled, strongest, places] = [read(columns.sampled), read(columns.strongest), read(columns.strongest_places)]
  expectLength(place, 'numbers of sampled', sampled.length, length)
  expectLength(place, 'numbers of strongest', strongest.length, length)
  const placeStarts = startsOf(strongest)
  expectLength(place, 'places of strongest', places.length, placeStarts.at(-1) ?? 0)
  const placesOf = (i: number): Uint32Array => places.subarray(placeStarts[i], placeStarts[i + 1])
  const starts = startsOf(Array.from(sampled, (count, i) => count + placesOf(i).filter((at) => at === 0).length))
  const examples = decodeFirings(columns, passageLengths, starts.at(-1) ?? 0)
  return Array.from(sampled, (count, i) => {
    const own = examples.slice(starts[i], starts[i + 1])
    let further = count
    return {
      sampled: own.slice(0, count),
      strongest: Array.from(placesOf(i), (at) => {
        const example = at > count ? undefined : own[at === 0 ? further++ : at - 1]
        if (example !== undefined) return example
        throw new AtlasError('bundle/corrupt', `${place}: place ${at} of strongest, of ${count} sampled`)
      }),
    }
  })
}

function decodeFirings(columns: ExampleColumns, passageLengths: readonly number[], count: number): PlacedExample[] {
  const place = 'example'
  const passages = decodeVarints(columns.passages, place)
  const offsets = decodeVarints(columns.offsets, place)
  const ci = decodeReals(columns.causal_importance, place)
  const h = decodeReals(columns.inner_activation, place)
  for (const [what, column] of Object.entries({
    passages,
    offsets,
    'causal importances': ci,
    'inner activations': h,
  })) {
    expectLength(place, what, column.length, count)
  }
  const readWindow = windowReader(columns)
  const examples = Array.from(passages, (passage, i) => {
    const length = passageLengths[passage] ?? 0
    const offset = offsets[i] ?? 0
    if (offset >= length) {
      throw new AtlasError('bundle/corrupt', `${place}: token ${offset} of passage ${passage}, which has ${length}`)
    }
    const causalImportance = ci[i] ?? null
    if (causalImportance === null || causalImportance < 0) {
      throw new AtlasError('bundle/corrupt', `${place}: causal importance ${causalImportance}, expected 0 or more`)
    }
    const first = windowStart(offset, columns.radius)
    const end = columns.radius === null ? length : Math.min(length, offset + columns.radius + 1)
    const center = offset - first
    const windowCi = readWindow.next(end - first, center)
    windowCi[center] = ciByte(causalImportance, Number.NEGATIVE_INFINITY)
    return { passage, offset, causalImportance, innerActivation: h[i] ?? null, windowCi, center }
  })
  readWindow.end()
  return examples
}

/** Offset in its passage of the window's first token. */
export function windowStart(offset: number, radius: number | null): number {
  return radius === null ? 0 : Math.max(0, offset - radius)
}

function windowReader(columns: ExampleColumns) {
  const place = 'example, window_gaps'
  const gaps = decodeVarints(columns.window_gaps, place)
  let gapsRead = 0
  let bytesRead = 0
  let unpacked = 0
  return {
    next: (length: number, center: number): Uint8Array => {
      unpacked += length
      if (unpacked > MAX_WINDOW_TOKENS) {
        throw new AtlasError('bundle/corrupt', `${place}: windows of more than ${MAX_WINDOW_TOKENS} tokens`)
      }
      const windowCi = new Uint8Array(length)
      for (let at = -1; gapsRead < gaps.length; ) {
        const gap = gaps[gapsRead++] ?? 0
        if (gap === 0) return windowCi
        at += gap
        if (at >= length) throw new AtlasError('bundle/corrupt', `${place}: token ${at} of a window of ${length}`)
        if (at === center) throw new AtlasError('bundle/corrupt', `${place}: token ${at} is the firing itself`)
        const byte = columns.window_ci[bytesRead++] ?? 0
        if (byte === 0) throw new AtlasError('bundle/corrupt', `${place}: token ${at} is active, its CI is not told`)
        windowCi[at] = byte
      }
      throw new AtlasError('bundle/corrupt', `${place}: cut off`)
    },
    end: (): void => {
      expectLength(place, 'numbers', gaps.length, gapsRead)
      expectLength('example, window_ci', 'bytes', columns.window_ci.length, bytesRead)
    },
  }
}
