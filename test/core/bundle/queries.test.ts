import { expect, test } from 'vitest'
import { queryExampleStories } from '../../../core/bundle/queryExampleStories.ts'
import { queryExamples } from '../../../core/bundle/queryExamples.ts'
import { queryModule, queryModules } from '../../../core/bundle/queryModules.ts'
import { queryActiveAt, queryNeighbours, querySubcomponent } from '../../../core/bundle/querySubcomponent.ts'
import { createTokenTable, querySubcomponentTokens, queryTokens } from '../../../core/bundle/queryTokens.ts'
import { queryTopTokens } from '../../../core/bundle/queryTopTokens.ts'
import { FIRST, openSmallIndex, SECOND } from './smallIndex.ts'

const summary = await openSmallIndex('index/summary.sqlite')
const detail = await openSmallIndex('index/detail-0-0.sqlite')
const tokens = createTokenTable(queryTokens(summary))

test('a module has its counts, classes, median and L0', () => {
  expect(queryModules(summary).map(({ module }) => module)).toEqual([FIRST, SECOND])
  expect(queryModule(summary, FIRST)).toEqual({
    moduleId: 0,
    module: FIRST,
    layer: 0,
    kind: 'q_proj',
    c: 3,
    active: 2,
    dead: 1,
    rare: 2,
    frequent: 0,
    classCounts: { truly_monosemantic: 1, highly_specialised: 1, specialised: 0, moderate: 0, polysemantic: 0 },
    medianUniqueTokens: 2, // of 1 and 3
    meanL0: 7 / 8, // 3 + 4 firings
    bimodality: 1, // 1 and 3 unique tokens
    // Of a harvest without blocks of stories.
    standardErrors: {
      dead: null,
      rare: null,
      frequent: null,
      classes: {
        truly_monosemantic: null,
        highly_specialised: null,
        specialised: null,
        moderate: null,
        polysemantic: null,
      },
      medianUniqueTokens: null,
      meanL0: null,
      bimodality: null,
    },
  })
})

test('an unknown module is refused by name', () => {
  expect(() => queryModule(summary, 'third')).toThrow('third: the run has no such module')
})

test('a subcomponent has every statistic', () => {
  expect(querySubcomponent(summary, { moduleId: 0, subcomponent: 1 })).toEqual({
    moduleId: 0,
    subcomponent: 1,
    activationCount: 4,
    uniqueTokens: 3,
    class: 'highly_specialised',
    meanCi: 2.5 / 8, // 0.5 + 0.5 + 1 + 0.5
    firingDensity: 0.5,
    top10Count: 4,
    isHighConcentration: true,
    rank: 1,
    writeNorm: 2,
    rarefiedUniqueTokens: null, // fewer than 100 firings
    sampledCount: null, // no sample
  })
})

test('mean CI counts positions at or below the threshold too', () => {
  // 0.25 twice over 8 positions, never above 0.25
  expect(querySubcomponent(summary, { moduleId: 0, subcomponent: 2 })).toMatchObject({
    activationCount: 0,
    class: 'dead',
    meanCi: 0.0625,
    rank: null,
    isHighConcentration: false,
  })
})

test('an unknown subcomponent is refused', () => {
  expect(() => querySubcomponent(summary, { moduleId: 0, subcomponent: 3 })).toThrow('module 0 has no subcomponent 3')
})

test('neighbours are those next in rank, null at the ends', () => {
  // first.q_proj: 1 (F 4), 0 (F 3); second.up_proj: 0 and 1 both F 3, the lower id first
  expect(queryNeighbours(summary, 0, 1)).toEqual({ previous: null, next: 0 })
  expect(queryNeighbours(summary, 0, 2)).toEqual({ previous: 1, next: null })
  expect(queryNeighbours(summary, 1, 1)).toEqual({ previous: null, next: 1 })
})

test('a share picks an active subcomponent, each equally often', () => {
  // Four active in all: shares of a quarter each.
  const picked = [0, 0.24, 0.25, 0.5, 0.75, 0.9999].map((share) => queryActiveAt(summary, null, share))
  expect(picked.map((found) => `${found?.moduleId}:${found?.subcomponent}`)).toEqual([
    '0:0',
    '0:0',
    '0:1',
    '1:0',
    '1:1',
    '1:1',
  ])
  expect(queryActiveAt(summary, 1, 0)).toEqual({ moduleId: 1, subcomponent: 0 })
  expect(queryActiveAt(summary, 7, 0)).toBeNull()
})

test('top tokens come in the order of the addresses, more firings first, then the lower id', () => {
  const addresses = [
    { moduleId: 1, subcomponent: 1 },
    { moduleId: 0, subcomponent: 2 },
    { moduleId: 0, subcomponent: 1 },
  ]
  expect(queryTopTokens(summary, addresses, 2)).toEqual([
    [
      { tokenId: 3, token: '[EOS]', count: 2 },
      { tokenId: 0, token: 'a', count: 1 },
    ],
    [],
    [
      { tokenId: 0, token: 'a', count: 2 },
      { tokenId: 1, token: 'cat', count: 1 }, // as often as [EOS], but a lower id
    ],
  ])
})

test('more top tokens than the summary holds are refused', () => {
  expect(() => queryTopTokens(summary, [], 11)).toThrow('11 top tokens asked for, the summary has 10')
})

test('the token table holds every token of the vocabulary and N', () => {
  const untagged = { category: null, categoryAgreement: null, isPiece: null }
  expect(queryTokens(summary)).toEqual([
    { tokenId: 0, token: 'a', occurrences: 2, ...untagged },
    { tokenId: 1, token: 'cat', occurrences: 3, ...untagged },
    { tokenId: 2, token: 'sat', occurrences: 1, ...untagged },
    { tokenId: 3, token: '[EOS]', occurrences: 2, ...untagged },
    { tokenId: 4, token: '##s', occurrences: 0, ...untagged },
  ])
  expect(tokens.positionCount).toBe(8)
})

test('every token of a subcomponent comes with m, T and what joins the two', () => {
  const rows = querySubcomponentTokens(detail, tokens, 1)
  expect(rows.map(({ token, count }) => [token, count])).toEqual([
    ['a', 2],
    ['cat', 1],
    ['[EOS]', 1],
  ])
  expect(rows[1]).toEqual({
    tokenId: 1,
    token: 'cat',
    occurrences: 3,
    count: 1,
    firesGivenToken: 1 / 3,
    tokenGivenFires: 1 / 4,
    pmi: Math.log((1 * 8) / (3 * 4)),
  })
  expect(querySubcomponentTokens(detail, tokens, 2)).toEqual([])
})

test('an example has its firing in its window, CI at each token', () => {
  const examples = queryExamples(detail, tokens, 0)
  expect(examples.map(({ rank }) => rank)).toEqual([1, 2])
  for (const example of examples) {
    const firing = example.tokens[example.position - example.windowStart]
    expect(firing?.token).toBe('cat')
    expect(firing?.causalImportance).toBeCloseTo(example.causalImportance, 2)
    expect(example.innerActivation).toBe(2 * example.causalImportance)
  }
  // Whichever two of the three firings were sampled, story 0 is among them, with nothing active beside the firing.
  const [example] = examples.filter(({ story }) => story === 0)
  expect(example?.tokens.filter(({ causalImportance }) => causalImportance > 0)).toHaveLength(1)
  expect(queryExamples(detail, tokens, 2)).toEqual([])
})

test('example stories have a title and their text', () => {
  expect(queryExampleStories(summary)).toEqual([{ story: 1, title: 'cat', text: 'cat' }])
})

test('a column of the wrong type is corrupt, named with what was found', async () => {
  const broken = await openSmallIndex('index/summary.sqlite')
  broken.run("UPDATE subcomponent SET rank = 'x' WHERE module_id = 0")
  expect(() => querySubcomponent(broken, { moduleId: 0, subcomponent: 0 })).toThrow(
    'index: column rank is a text, "x", expected a number',
  )
})
