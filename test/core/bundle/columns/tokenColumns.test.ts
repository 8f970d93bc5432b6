import { expect, test } from 'vitest'
import { type BlockTokens, decodeTokens, encodeTokens } from '../../../../core/bundle/columns/tokenColumns.ts'
import { encodeVarints } from '../../../../core/bundle/varints.ts'
import { damaged, expectCorrupt, firstDifference } from './columnChecks.ts'

const MOST = 2 ** 32 - 1

const cell = (active: number[], ranks: number[], counts: number[]) => ({
  active,
  ranks: Uint32Array.from(ranks),
  counts: Uint32Array.from(counts),
})
/** Two tokens, two modules, three levels, the second of which is the run's. */
const BLOCK: BlockTokens = {
  levelCount: 3,
  runLevel: 1,
  tokenIds: Uint32Array.of(7, MOST),
  tokens: [
    [cell([3, 2, 0], [0, 5], [1, 300]), cell([0, 0, 0], [], [])],
    [cell([MOST, 0, 0], [], []), cell([3, 3, 3], [1, 2, MOST], [MOST, 255, 256])],
  ],
}

test('decoding gives back what was encoded', () => {
  const one = { levelCount: 1, runLevel: 0, tokenIds: Uint32Array.of(0), tokens: [[cell([1], [0], [1])]] }
  const none = { levelCount: 2, runLevel: 1, tokenIds: new Uint32Array(0), tokens: [] }
  for (const block of [BLOCK, one, none]) expect(decodeTokens(encodeTokens(block))).toEqual(block)
})

test('keeps a token that activates 2²⁰ subcomponents', () => {
  const ranks = Uint32Array.from({ length: 2 ** 20 }, (_, i) => i)
  const counts = ranks.map((rank) => rank + 1)
  const tokens = [[{ active: [ranks.length], ranks, counts }]]
  const decoded = decodeTokens(encodeTokens({ levelCount: 1, runLevel: 0, tokenIds: Uint32Array.of(2), tokens }))
  const own = decoded.tokens[0]?.[0]
  expect(own?.active).toEqual([2 ** 20])
  expect(firstDifference(own?.ranks ?? [], ranks)).toBe(-1)
  expect(firstDifference(own?.counts ?? [], counts)).toBe(-1)
})

test('refuses every column cut off or too long', () => {
  const columns = encodeTokens(BLOCK)
  for (const name of ['tokens', 'active', 'ranks', 'counts'] as const) {
    const { shorter, longer } = damaged(columns, name)
    expectCorrupt(() => decodeTokens(shorter), 'token_subcomponents')
    expectCorrupt(() => decodeTokens(longer), 'token_subcomponents')
  }
})

test('refuses what the columns do not say together', () => {
  const columns = encodeTokens(BLOCK)
  const refuse = (changes: Partial<typeof columns>, message: string) =>
    expectCorrupt(() => decodeTokens({ ...columns, ...changes }), `token_subcomponents${message}`)
  refuse({ run_level: 3 }, ': run_level 3, of 3 levels')
  refuse({ run_level: -1 }, ': run_level -1, of 3 levels')
  refuse({ levels: 0, run_level: 0 }, ': run_level 0, of 0 levels')
  refuse({ levels: 2 ** 53 - 1 }, ', active: 12 numbers, expected')
  refuse({ modules: 2 ** 53 - 1 }, ', active: 12 numbers, expected')
  refuse({ modules: -2 }, ', active: 12 numbers, expected -12')
  refuse({ run_level: 0 }, ', ranks: 5 numbers, expected 4294967301')
  refuse({ run_level: 2 }, ', ranks: 5 numbers, expected 3')
  // Of the first token and module, 4 of 3 fewer.
  refuse({ active: encodeVarints([3, 0, MOST, 3, 4, 0, MOST, 0, 2, 0, 0, 0]) }, ', active: 4 fewer than 3')
  refuse({ tokens: encodeVarints([7, MOST]) }, ': 4294967303, expected less than 2³²')
  refuse({ ranks: encodeVarints([0, 4, 1, 0, MOST]) }, ': 4294967298, expected less than 2³²')
  const counts = Uint8Array.of(0, 0, 0, 0, 255, ...encodeVarints([2 ** 32 - 256]))
  refuse({ counts }, ', counts: 4294967296, expected less than 2³²')
})
