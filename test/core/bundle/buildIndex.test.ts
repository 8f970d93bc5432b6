import { expect, test } from 'vitest'
import { queryRows } from '../../../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../../../core/bundle/openIndexFile.ts'
import { decodeVarints } from '../../../core/bundle/varints.ts'
import { buildIndex } from '../../../core/bundle/writing/buildIndex.ts'
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

test('at most 64 active subcomponents share a file of detail, the dead take no room', async () => {
  const [module] = smallSource().modules
  if (module === undefined) throw new Error('no module')
  const C = 200
  const activity = await module.readActivity()
  const one = { tokenIds: Uint32Array.of(1), counts: Uint32Array.of(3) }
  const none = { tokenIds: new Uint32Array(0), counts: new Uint32Array(0) }
  const { createFiringSample } = await import('../../../core/statistics/FiringSample.ts')
  const wide = {
    ...module,
    C,
    writeNorms: new Float32Array(C),
    readActivity: async () => ({
      ...activity,
      // Every second one is dead: 100 active, so 64 and 36.
      tokenCounts: Array.from({ length: C }, (_, c) => (c % 2 === 0 ? one : none)),
      ciSums: new Float64Array(C),
      examples: createFiringSample(C, 1, 1),
    }),
  }
  const blocks: [number, number][] = []
  for await (const { content } of buildIndex(engine, { ...smallSource(), modules: [wide] })) {
    if (content.kind === 'detail') blocks.push([content.start, content.end])
  }
  expect(blocks).toEqual([
    [0, 128],
    [128, 200],
  ])
})
