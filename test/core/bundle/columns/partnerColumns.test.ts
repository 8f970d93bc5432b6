import { expect, test } from 'vitest'
import { decodePartners, encodePartners } from '../../../../core/bundle/columns/partnerColumns.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { damaged, expectCorrupt } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

const PARTNERS = [
  [
    { number: 0, count: 1 },
    { number: 2 ** 20, count: 256 },
    { number: MOST, count: MOST },
  ],
  [],
  [{ number: 5, count: 255 }],
]

test('decoding gives back what was encoded', () => {
  for (const partners of [PARTNERS, [], [[]], [[{ number: 0, count: MOST }]]]) {
    expect(decodePartners(encodePartners(partners), partners.length)).toEqual(partners)
  }
})

test('keeps 2¹⁶ subcomponents apart', () => {
  const length = 2 ** 16
  const partners = Array.from({ length }, (_, i) => (i === length - 1 ? [{ number: i, count: 2 }] : []))
  const decoded = decodePartners(encodePartners(partners), length)
  expect(decoded).toHaveLength(length)
  expect(decoded[length - 1]).toEqual([{ number: length - 1, count: 2 }])
  expect(decoded[0]).toEqual([])
})

test('refuses every column cut off or too long', () => {
  const columns = encodePartners(PARTNERS)
  for (const name of ['lengths', 'partners', 'counts'] as const) {
    const { shorter, longer } = damaged(columns, name)
    expectCorrupt(() => decodePartners(shorter, 3), 'co_firing: ')
    expectCorrupt(() => decodePartners(longer, 3), 'co_firing: ')
  }
})

test('refuses another number of subcomponents, lengths beyond what there is, and 2³² and more', () => {
  const columns = encodePartners(PARTNERS)
  const refuse = (changes: Partial<typeof columns>, message: string, length = 3) =>
    expectCorrupt(() => decodePartners({ ...columns, ...changes }, length), `co_firing: ${message}`)
  refuse({}, '3 lengths, expected 2', 2)
  refuse({}, '3 lengths, expected 4', 4)
  refuse({ lengths: encodeVarints([MOST, MOST, MOST]) }, '4 partners, expected 12884901885')
  refuse({ partners: encodeVarints([1, MOST, 0, 0]) }, '4294967297, expected less than 2³²')
  refuse({ counts: Uint8Array.of(0, 0, 255, 0, ...encodeVarints([2 ** 32 - 256])) }, '4294967296, expected less')
})
