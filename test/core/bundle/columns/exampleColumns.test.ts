import { expect, test } from 'vitest'
import {
  decodeExamples,
  type ExampleColumns,
  encodeExamples,
  type PlacedExample,
  windowStart,
} from '../../../../core/bundle/columns/exampleColumns.ts'
import { encodeReals } from '../../../../core/bundle/columns/roundedReals.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { damaged, expectCorrupt } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

/** At token 2 of passage 0, in a window of radius 1; CI exactly 1 is the byte 255. */
function example(changes: Partial<PlacedExample> = {}): PlacedExample {
  const windowCi = Uint8Array.of(0, 255, 9)
  return { passage: 0, offset: 2, causalImportance: 1, innerActivation: 2, windowCi, center: 1, ...changes }
}

/** Passages of 5 and 1 tokens. */
const PASSAGE_LENGTHS = [5, 1]
const atStart = example({ offset: 0, windowCi: Uint8Array.of(255, 0), center: 0, innerActivation: 2 ** -126 })
const atEnd = example({ offset: 4, windowCi: Uint8Array.of(128, 255), center: 1, innerActivation: -(2 ** 127) })
// 1 + round(254 · 0.5)
const alone = example({
  passage: 1,
  offset: 0,
  windowCi: Uint8Array.of(128),
  center: 0,
  causalImportance: 0.5,
  innerActivation: null,
})
const LISTS = [
  { sampled: [example(), atStart], strongest: [atEnd, atStart, alone] },
  { sampled: [], strongest: [] },
  { sampled: [alone], strongest: [] },
  { sampled: [], strongest: [example({ causalImportance: 1.5 })] },
]

test('decoding gives back what was encoded', () => {
  for (const lists of [LISTS, LISTS.slice(0, 1), LISTS.slice(1, 2), []]) {
    expect(decodeExamples(encodeExamples(lists, 1), lists.length, PASSAGE_LENGTHS)).toEqual(lists)
  }
})

test('a firing of both lists is written once', () => {
  expect(encodeExamples([{ sampled: [atStart, atEnd], strongest: [atEnd, alone] }], 1).offsets).toHaveLength(3)
})

test('without a radius a window is its whole passage', () => {
  const whole = example({ windowCi: Uint8Array.of(1, 0, 255, 0, 254), center: 2 })
  const lists = [{ sampled: [whole], strongest: [] }]
  expect(decodeExamples(encodeExamples(lists, null), 1, PASSAGE_LENGTHS)).toEqual(lists)
  expect([windowStart(2, null), windowStart(2, 1), windowStart(2, 9)]).toEqual([0, 1, 0])
})

test('a radius of 0 leaves the firing alone in its window', () => {
  const lists = [{ sampled: [example({ windowCi: Uint8Array.of(255), center: 0 })], strongest: [] }]
  expect(decodeExamples(encodeExamples(lists, 0), 1, PASSAGE_LENGTHS)).toEqual(lists)
})

test('keeps 2¹⁶ subcomponents apart', () => {
  const length = 2 ** 16
  const nothing = { sampled: [], strongest: [] }
  const last = { sampled: [alone], strongest: [atStart] }
  const lists = Array.from({ length }, (_, i) => (i === length - 1 ? last : nothing))
  const decoded = decodeExamples(encodeExamples(lists, 1), length, PASSAGE_LENGTHS)
  expect(decoded).toHaveLength(length)
  expect(decoded[length - 1]).toEqual(last)
  expect(decoded[0]).toEqual(nothing)
})

test('refuses every column cut off or too long', () => {
  const columns = encodeExamples(LISTS, 1)
  const names = Object.keys(columns).filter((name): name is keyof ExampleColumns => name !== 'radius')
  expect(names).toHaveLength(9)
  for (const name of names) {
    const { shorter, longer } = damaged(columns, name)
    expectCorrupt(() => decodeExamples(shorter, 4, PASSAGE_LENGTHS), 'example')
    expectCorrupt(() => decodeExamples(longer, 4, PASSAGE_LENGTHS), 'example')
  }
})

/** Columns of one subcomponent with `changes`, at the passage's token 2 and 3 sampled, at 2 the strongest. */
function refuse(changes: Partial<ExampleColumns>, message: string, passageLengths = PASSAGE_LENGTHS): void {
  const lists = [{ sampled: [example(), example({ offset: 3 })], strongest: [example()] }]
  const columns = { ...encodeExamples(lists, 1), ...changes }
  expectCorrupt(() => decodeExamples(columns, 1, passageLengths), `example${message}`)
}

test('refuses lists that promise more than there is', () => {
  refuse({ sampled: encodeVarints([MOST]) }, ': 2 passages, expected 4294967295')
  refuse({ sampled: encodeVarints([1]) }, ': 2 passages, expected 1')
  refuse({ sampled: encodeVarints([MOST]), strongest_places: encodeVarints([0]) }, ': 2 passages, expected 4294967296')
  refuse({ strongest: encodeVarints([MOST]) }, ': 1 places of strongest, expected 4294967295')
  refuse({ sampled: encodeVarints([2, 0]) }, ': 2 numbers of sampled, expected 1')
  refuse({ strongest: encodeVarints([1, 0]) }, ': 2 numbers of strongest, expected 1')
})

test('refuses a place, a passage or a token out of range', () => {
  refuse({ strongest_places: encodeVarints([3]) }, ': place 3 of strongest, of 2 sampled')
  refuse({ strongest_places: encodeVarints([MOST]) }, ': place 4294967295 of strongest')
  const further = encodeExamples([{ sampled: [example()], strongest: [atEnd, example()] }], 1)
  const toFurther = { ...further, strongest_places: encodeVarints([0, 2]) }
  expectCorrupt(() => decodeExamples(toFurther, 1, PASSAGE_LENGTHS), 'example: place 2 of strongest, of 1 sampled')
  refuse({ passages: encodeVarints([0, 2]) }, ': token 3 of passage 2, which has 0')
  refuse({ passages: encodeVarints([MOST, 0]) }, ': token 2 of passage 4294967295')
  refuse({ offsets: encodeVarints([5, 3]) }, ': token 5 of passage 0, which has 5')
  refuse({}, ', window_gaps: token 2 of a window of 2', [3])
})

test('refuses a window that its gaps leave or that is not told', () => {
  // The first example has one gap of 3, to token 2 of 3.
  refuse({ window_gaps: encodeVarints([4, 0, 3, 0]) }, ', window_gaps: token 3 of a window of 3')
  refuse({ window_gaps: encodeVarints([MOST, 0, 3, 0]) }, ', window_gaps: token 4294967294 of a window of 3')
  refuse({ window_gaps: encodeVarints([3, 0, 3]) }, ', window_gaps: cut off')
  refuse({ window_gaps: encodeVarints([3, 0, 3, 0, 0]) }, ', window_gaps: 5 numbers, expected 4')
  refuse({ window_gaps: encodeVarints([0, 0]) }, ', window_ci: 2 bytes, expected 0')
  refuse({ window_ci: Uint8Array.of(9, 0) }, ', window_gaps: token 2 is active, its CI is not told')
})

test('refuses causal importances, inner activations and a radius that cannot be', () => {
  refuse({ causal_importance: encodeReals([1, null]) }, ': causal importance null, expected 0 or more')
  refuse({ causal_importance: encodeReals([-0.5, 1]) }, ': causal importance -0.5, expected 0 or more')
  refuse({ causal_importance: encodeReals([1]) }, ': 1 causal importances, expected 2')
  refuse({ inner_activation: encodeReals([1, 1, 1]) }, ': 3 inner activations, expected 2')
  refuse({ inner_activation: Uint8Array.of(0xff, 0, 0x80, 0, 0, 0) }, ': number 0 is infinite')
  refuse({ radius: -5 }, ': radius -5, expected 0 or more')
})

test('refuses windows of more tokens than a file may have before it makes room for them', () => {
  refuse({ radius: null }, ', window_gaps: windows of more than 67108864 tokens', [2 ** 50])
  refuse({ radius: 2 ** 53 - 1 }, ', window_gaps: windows of more than', [2 ** 26 + 1])
})
