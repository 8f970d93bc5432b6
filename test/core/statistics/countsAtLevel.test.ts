import { expect, test } from 'vitest'
import { countsAtLevel } from '../../../core/statistics/countsAtLevel.ts'
import { JACKKNIFE_BLOCKS } from '../../../core/statistics/HarvestSettings.ts'

// Subcomponent 0 on token 4: 3 positions in bin 1 (block 2), 2 in bin 3 (blocks 2 and 5); on token 9: 1 in bin 2 (block 5).
// Subcomponent 1 never; subcomponent 2 on token 0: 7 in bin 1 (block 0).
const COUNTS = {
  starts: Uint32Array.of(0, 3, 3, 4),
  tokenIds: Uint32Array.of(4, 4, 9, 0),
  bins: Uint8Array.of(1, 3, 2, 1),
  counts: Uint32Array.of(3, 2, 1, 7),
  blocks: Uint16Array.of(1 << 2, (1 << 2) | (1 << 5), 1 << 5, 1 << 0),
}

function rows(level: number) {
  return countsAtLevel(COUNTS, level).tokenCounts.map(({ tokenIds, counts }) =>
    [...tokenIds].map((id, i) => [id, counts[i]]),
  )
}

test('a level counts all bins above it', () => {
  expect(rows(0)).toEqual([
    [
      [4, 5],
      [9, 1],
    ],
    [],
    [[0, 7]],
  ])
  expect(rows(1)).toEqual([
    [
      [4, 2],
      [9, 1],
    ],
    [],
    [],
  ])
  expect(rows(2)).toEqual([[[4, 2]], [], []])
  expect(rows(3)).toEqual([[], [], []])
})

test('a token that one block alone has is lost with it', () => {
  const lost = (level: number) =>
    [...countsAtLevel(COUNTS, level).lostTokens].flatMap((tokens, slot) =>
      tokens === 0 ? [] : [[Math.floor(slot / JACKKNIFE_BLOCKS), slot % JACKKNIFE_BLOCKS, tokens]],
    )
  // Token 4 is of blocks 2 and 5 at every level; token 9 of block 5; token 0 of block 0.
  expect(lost(0)).toEqual([
    [0, 5, 1],
    [2, 0, 1],
  ])
  expect(lost(2)).toEqual([])
})
