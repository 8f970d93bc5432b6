import { expect, test } from 'vitest'
import { openIndexFile } from '../../../core/bundle/openIndexFile.ts'
import { queryTokenModules, queryTokenSubcomponents } from '../../../core/bundle/queryTokenSubcomponents.ts'
import { TokenIndex } from '../../../core/bundle/writing/TokenIndex.ts'
import type { TokenCounts } from '../../../core/statistics/TokenCounts.ts'
import { openEngine } from './smallIndex.ts'

const engine = await openEngine()

/** `C` subcomponents that are active on all of `tokenIds`, c + 1 times on each. */
function countsOf(C: number, ...tokenIds: number[]): TokenCounts[] {
  return Array.from({ length: C }, (_, c) => ({
    tokenIds: Uint32Array.from(tokenIds),
    counts: new Uint32Array(tokenIds.length).fill(c + 1),
  }))
}

test('a file holds as many tokens as its bytes allow, and one that activates any at least', () => {
  const index = new TokenIndex(7, 1, 0)
  // Three bytes, from 16,384 on, a rank and three a count: some 800 KB of token 1 and 800 KB of token 2.
  const wide = [...countsOf(140_000, 1, 2), ...countsOf(1, 4, 6)]
  index.addModule(wide)
  index.addLevel(0, wide)
  const files = [...index.files(engine)].map(({ path, content }) => ({ path, ...content }))
  expect(files).toEqual([
    { path: 'index/tokens-0.sqlite', kind: 'tokens', start: 0, end: 2 },
    { path: 'index/tokens-2.sqlite', kind: 'tokens', start: 2, end: 4 },
    { path: 'index/tokens-4.sqlite', kind: 'tokens', start: 4, end: 7 },
  ])
})

test('modules follow each other in a token, each with its levels', () => {
  const index = new TokenIndex(3, 2, 0)
  for (const [below, above] of [
    [countsOf(2, 0, 2), countsOf(1, 2)],
    [countsOf(1, 2), countsOf(0)],
  ] as const) {
    index.addModule(below)
    index.addLevel(0, below)
    index.addLevel(1, above)
  }
  const [file] = [...index.files(engine)]
  if (file === undefined) throw new Error('no file')
  const tokens = openIndexFile(engine, file.bytes, file.path)
  // Of module 0 the second subcomponent is the more active.
  expect(queryTokenSubcomponents(tokens, 2, [[1, 0], [0]])).toEqual([
    { moduleId: 0, subcomponent: 0, count: 1 },
    { moduleId: 0, subcomponent: 1, count: 2 },
    { moduleId: 1, subcomponent: 0, count: 1 },
  ])
  const shape = { moduleCount: 2, levelCount: 2 }
  expect(queryTokenModules(tokens, 2, shape)).toEqual([
    [2, 1],
    [1, 0],
  ])
  expect(queryTokenModules(tokens, 0, shape)).toEqual([
    [2, 0],
    [0, 0],
  ])
})
