import { expect, test } from 'vitest'
import { queryRows } from '../../../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../../../core/bundle/openIndexFile.ts'
import { decodeVarints } from '../../../core/bundle/varints.ts'
import { buildIndex } from '../../../core/bundle/writing/buildIndex.ts'
import type { IndexSource } from '../../../core/bundle/writing/IndexSource.ts'
import { createFiringSample } from '../../../core/statistics/FiringSample.ts'
import type { TokenCounts } from '../../../core/statistics/TokenCounts.ts'
import { buildSmallIndex, FIRST, openEngine, openSmallIndex, SECOND, smallSource } from './smallIndex.ts'

const engine = await openEngine()

test('writes a summary, detail of every module, tokens, and the stories', async () => {
  const files = await buildSmallIndex(engine)
  expect([...files.values()].map(({ path, content }) => ({ path, ...content }))).toEqual([
    { path: 'index/detail-0-0.sqlite', kind: 'detail', module: FIRST, start: 0, end: 3 },
    { path: 'index/detail-1-0.sqlite', kind: 'detail', module: SECOND, start: 0, end: 2 },
    { path: 'index/stories-0.sqlite', kind: 'stories', start: 0, end: 3 },
    { path: 'index/tokens-0.sqlite', kind: 'tokens', start: 0, end: 6 },
    { path: 'index/summary.sqlite', kind: 'summary' },
  ])
})

test('writes the same bytes twice', async () => {
  const first = await buildSmallIndex(engine)
  const second = await buildSmallIndex(engine)
  for (const [path, { bytes }] of first) expect(second.get(path)?.bytes, path).toEqual(bytes)
})

test('a story stands whole in its file', async () => {
  const stories = await openSmallIndex('index/stories-0.sqlite')
  const [ids] = queryRows(stories, 'SELECT token_ids FROM story WHERE story = 0', [], (row) => row.blob('token_ids'))
  expect([...decodeVarints(ids ?? new Uint8Array(0), 'story 0')]).toEqual([0, 1, 2, 1])
})

test('a long story is called by its first six words', async () => {
  const source = { ...smallSource(), exampleStories: [{ story: 0, text: 'once upon a time there was a red kite' }] }
  for await (const { path, bytes } of buildIndex(engine, source)) {
    if (path !== 'index/summary.sqlite') continue
    const summary = openIndexFile(engine, bytes, path)
    const titles = queryRows(summary, 'SELECT title FROM example_story', [], (row) => row.text('title'))
    expect(titles).toEqual(['once upon a time there was …'])
  }
})

test('at most 192 active subcomponents share a file of detail, the dead take no room', async () => {
  const one = countsOf(1)
  const none = countsOf(0)
  // Every second one is dead: 300 active, so 192 and 108.
  const counts = Array.from({ length: 600 }, (_, c) => (c % 2 === 0 ? one : none))
  expect(await detailBlocks(smallSource(), counts)).toEqual([
    [0, 384],
    [384, 600],
  ])
})

test('at most 100,000 token counts share a file of detail, more of one subcomponent have their own', async () => {
  const tokens = Array.from({ length: 100_001 }, (_, id) => `t${id}`)
  const source = { ...smallSource(), tokens, occurrences: new Uint32Array(tokens.length).fill(1) }
  const counts = [60_000, 40_000, 1, 100_001, 1].map(countsOf)
  expect(await detailBlocks(source, counts)).toEqual([
    [0, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ])
})

/** A subcomponent that is active once on each of the first `length` tokens. */
function countsOf(length: number): TokenCounts {
  return { tokenIds: Uint32Array.from({ length }, (_, id) => id), counts: new Uint32Array(length).fill(1) }
}

/** The blocks of detail of a module whose subcomponents have `tokenCounts` and no examples. */
async function detailBlocks(source: IndexSource, tokenCounts: readonly TokenCounts[]): Promise<[number, number][]> {
  const [module] = source.modules
  if (module === undefined) throw new Error('no module')
  const C = tokenCounts.length
  const activity = await module.readActivity()
  const wide = {
    ...module,
    C,
    writeNorms: new Float32Array(C),
    readActivity: async () => ({
      ...activity,
      tokenCounts,
      ciSums: new Float64Array(C),
      examples: createFiringSample(C, 1, 1),
    }),
  }
  const blocks: [number, number][] = []
  for await (const { content } of buildIndex(engine, { ...source, modules: [wide] })) {
    if (content.kind === 'detail') blocks.push([content.start, content.end])
  }
  return blocks
}
