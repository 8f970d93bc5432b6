import { expect, test } from 'vitest'
import { categoryShares } from '../../../core/statistics/categoryShares.ts'

// Tokens 0 (T 2, category 0), 1 (T 3, category 1), 2 (T 1, category 1), 3 (T 2, none).
const KNOWN = {
  categoryCount: 3,
  categories: Int32Array.of(0, 1, 1, -1),
  occurrences: Uint32Array.of(2, 3, 1, 2),
  chances: { at: (F: number) => Float64Array.of(1 / F, 1 - 1 / F, 0) },
}

/** From pairs of token and count. */
function countsOf(...pairs: (readonly [number, number])[]) {
  return { tokenIds: Uint32Array.from(pairs, ([id]) => id), counts: Uint32Array.from(pairs, ([, count]) => count) }
}

const SHARES = categoryShares(
  [countsOf([1, 3]), countsOf(), countsOf([0, 2], [1, 1], [3, 1])],
  [true, false, false],
  KNOWN,
)

test('an active subcomponent is of the category of its most frequent token', () => {
  expect(SHARES.map(({ active }) => active)).toEqual([0.5, 0.5, 0])
  expect(SHARES.map(({ highConcentration }) => highConcentration)).toEqual([0, 1, 0])
})

test('expected shares are means of the chances at each one’s firings', () => {
  // F is 3 and 4; the one of high concentration has 3.
  expect(SHARES[0]?.activeExpected).toBeCloseTo((1 / 3 + 1 / 4) / 2, 14)
  expect(SHARES[0]?.highConcentrationExpected).toBeCloseTo(1 / 3, 14)
})

test('firings are shared out by subcomponent, tokens without a category left over', () => {
  // The first: all of category 1. The second: 2/4 of 0, 1/4 of 1.
  expect(SHARES.map(({ firings }) => firings)).toEqual([0.25, 0.625, 0])
})

test('a token sees the share of the module’s subcomponents it activates, dead ones too', () => {
  // Token 0 one of three; token 1 two, token 2 none: a third on the mean; category 2 has no token.
  expect(SHARES.map(({ tokens }) => tokens)).toEqual([1 / 3, 1 / 3, null])
  // 1 − (1 − T/8)^F, F 3, 0 and 4.
  const expected = (T: number) => (2 - (1 - T / 8) ** 3 - (1 - T / 8) ** 4) / 3
  expect(SHARES[0]?.tokensExpected).toBeCloseTo(expected(2), 14)
  expect(SHARES[1]?.tokensExpected).toBeCloseTo((expected(3) + expected(1)) / 2, 14)
})

test('a dead module has no shares of its active subcomponents', () => {
  const [share] = categoryShares([countsOf()], [false], KNOWN)
  expect(share).toEqual({
    highConcentration: null,
    highConcentrationExpected: null,
    active: null,
    activeExpected: null,
    firings: null,
    tokens: 0,
    tokensExpected: 0,
  })
})
