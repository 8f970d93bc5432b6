import { expect, test } from 'vitest'
import { decodeOutputTokens, encodeOutputTokens } from '../../../../core/bundle/columns/outputTokenColumns.ts'
import { encodeReals } from '../../../../core/bundle/columns/roundedReals.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { damaged, expectCorrupt } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

/** Masses of twelve significant bits. */
const TOKENS = [
  [
    { tokenId: 0, mass: 0.5 },
    { tokenId: MOST, mass: 4095 * 2 ** 90 },
  ],
  [],
  [
    { tokenId: 3, mass: 0 },
    { tokenId: 4, mass: 2 ** -126 },
  ],
]

test('decoding gives back what was encoded', () => {
  for (const tokens of [TOKENS, [], [[]], [[{ tokenId: 9, mass: 1 }]]]) {
    expect(decodeOutputTokens(encodeOutputTokens(tokens), tokens.length)).toEqual(tokens)
  }
})

test('keeps 2¹⁶ subcomponents apart', () => {
  const length = 2 ** 16
  const tokens = Array.from({ length }, (_, i) => (i === length - 1 ? [{ tokenId: 8, mass: 2 }] : []))
  const decoded = decodeOutputTokens(encodeOutputTokens(tokens), length)
  expect(decoded).toHaveLength(length)
  expect(decoded[length - 1]).toEqual([{ tokenId: 8, mass: 2 }])
})

test('refuses every column cut off or too long', () => {
  const columns = encodeOutputTokens(TOKENS)
  for (const name of ['lengths', 'token_ranks', 'mass'] as const) {
    const { shorter, longer } = damaged(columns, name)
    expectCorrupt(() => decodeOutputTokens(shorter, 3), 'output_token: ')
    expectCorrupt(() => decodeOutputTokens(longer, 3), 'output_token: ')
  }
})

test('refuses another number of subcomponents, lengths beyond what there is, and what is no mass', () => {
  const columns = encodeOutputTokens(TOKENS)
  const refuse = (changes: Partial<typeof columns>, message: string, length = 3) =>
    expectCorrupt(() => decodeOutputTokens({ ...columns, ...changes }, length), `output_token: ${message}`)
  refuse({}, '3 lengths, expected 4', 4)
  refuse({ lengths: encodeVarints([MOST, MOST, MOST]) }, '4 token ranks, expected 12884901885')
  refuse({ token_ranks: encodeVarints([1, MOST, 0, 0]) }, '4294967297, expected less than 2³²')
  refuse({ mass: encodeReals([1, 1, 1]) }, '3 masses, expected 4')
  refuse({ mass: encodeReals([1, null, 1, 1]) }, 'mass null, expected 0 or more')
  refuse({ mass: encodeReals([1, 1, -0.25, 1]) }, 'mass -0.25, expected 0 or more')
  refuse({ mass: Uint8Array.of(0x7f, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0) }, 'number 0 is infinite')
})
