import { expect, test } from 'vitest'
import { queryCategories, queryCategoryShares } from '../../../core/bundle/queryCategories.ts'
import { queryCoFirings } from '../../../core/bundle/queryCoFirings.ts'
import { queryExamples } from '../../../core/bundle/queryExamples.ts'
import { queryHistograms } from '../../../core/bundle/queryHistograms.ts'
import { queryL0ByPosition } from '../../../core/bundle/queryL0ByPosition.ts'
import { queryLevels } from '../../../core/bundle/queryLevels.ts'
import { queryModule } from '../../../core/bundle/queryModules.ts'
import { queryOutputTokens } from '../../../core/bundle/queryOutputTokens.ts'
import { querySample } from '../../../core/bundle/querySample.ts'
import { querySubcomponent, querySubcomponentRows } from '../../../core/bundle/querySubcomponent.ts'
import { querySubcomponents } from '../../../core/bundle/querySubcomponents.ts'
import {
  querySubcomponentsByRank,
  queryTokenModules,
  queryTokenSubcomponents,
} from '../../../core/bundle/queryTokenSubcomponents.ts'
import { createTokenTable, queryTokens } from '../../../core/bundle/queryTokens.ts'
import { queryTopTokens } from '../../../core/bundle/queryTopTokens.ts'
import { activationBin } from '../../../core/statistics/activationBin.ts'
import { SUBCOMPONENT_CLASSES } from '../../../core/statistics/subcomponentClass.ts'
import {
  FIRST,
  FULL_LEVELS,
  fullSource,
  openFullIndex,
  openFullLevel,
  openSmallIndex,
  SMALL_THRESHOLD,
} from './smallIndex.ts'

const summary = await openFullIndex('index/summary.sqlite')
const below = await openFullLevel(0.2)
const above = await openFullLevel(0.5)
const detail = await openFullIndex('index/detail-0-0.sqlite')
const tokenFile = await openFullIndex('index/tokens-0.sqlite')
const table = createTokenTable(queryTokens(summary))

const CAT = 1
const ADDRESS = { moduleId: 0, subcomponent: 0 }

test('the summary names the levels', () => {
  expect(queryLevels(summary)).toEqual(FULL_LEVELS)
})

test('a level counts what lies above its threshold', () => {
  const counts = (database: typeof summary) =>
    [0, 1, 2].map((subcomponent) => {
      const row = querySubcomponent(database, { moduleId: 0, subcomponent })
      return [row.activationCount, row.uniqueTokens, row.class]
    })
  // 0.25 twice on "cat" is above 0.2 alone; 0.5 is not above 0.5.
  expect(counts(below)).toEqual([
    [3, 1, 'truly_monosemantic'],
    [4, 3, 'highly_specialised'],
    [2, 1, 'truly_monosemantic'],
  ])
  expect(counts(above)).toEqual([
    [2, 1, 'truly_monosemantic'],
    [1, 1, 'truly_monosemantic'],
    [0, 0, 'dead'],
  ])
  expect(queryModule(above, FIRST)).toMatchObject({ active: 2, dead: 1, meanL0: 3 / 8 })
})

test('a level answers the queries of the summary', () => {
  const { total, rows } = querySubcomponents(above, {
    moduleId: 0,
    classes: SUBCOMPONENT_CLASSES,
    tokenText: 'eos',
    sort: { column: 'address', direction: 'ascending' },
    offset: 0,
    limit: 10,
  })
  expect(total).toBe(1)
  expect(rows[0]?.topTokens).toEqual([{ tokenId: 3, token: '[EOS]', count: 1 }])
  expect(querySubcomponent(above, ADDRESS).meanCi).toBe(querySubcomponent(summary, ADDRESS).meanCi)
})

test.each([0.2, 0.5])('the level at %f has the rows that a summary at that threshold has', async (threshold) => {
  const level = await openFullLevel(threshold)
  const ofRun = await openSmallIndex('index/summary.sqlite', { ...fullSource(), threshold })
  const rows = querySubcomponentRows(ofRun)
  expect(rows).toHaveLength(5)
  expect(querySubcomponentRows(level)).toEqual(rows.map((row) => ({ ...row, sampledCount: null })))
  expect(queryTopTokens(level, rows, 10)).toEqual(queryTopTokens(ofRun, rows, 10))
  expect(queryTokens(level)).toEqual(queryTokens(ofRun))
})

test('standard errors are jackknifed over blocks of stories', () => {
  // Unique tokens 1 and 3. Without story 0: "cat" of subcomponent 1 is lost, without story 1 [EOS]: medians 1.5, 1.5, 2;
  // thirteen blocks have no stories. Firings 7 of 8 positions: 3 of 4, 5 of 6, 6 of 6.
  const error = (values: number[], rest: number) => {
    const all = [...values, ...new Array(13).fill(rest)]
    const mean = all.reduce((sum, value) => sum + value, 0) / 16
    return Math.sqrt((15 / 16) * all.reduce((sum, value) => sum + (value - mean) ** 2, 0))
  }
  const { standardErrors } = queryModule(summary, FIRST)
  expect(standardErrors.medianUniqueTokens).toBeCloseTo(error([1.5, 1.5, 2], 2), 12)
  expect(standardErrors.meanL0).toBeCloseTo(error([3 / 4, 5 / 6, 1], 7 / 8), 12)
  expect(standardErrors.dead).toBe(0)
  expect(standardErrors.classes.moderate).toBe(0)
})

test('at other levels the errors that need activation counts are not known', () => {
  const { standardErrors } = queryModule(above, FIRST)
  expect([standardErrors.rare, standardErrors.frequent, standardErrors.meanL0]).toEqual([null, null, null])
  // Without story 0 subcomponent 0 loses its "cat", without story 1 subcomponent 1 its [EOS]: dead are 2/3, else 1/3.
  const mean = (2 * (2 / 3) + 14 / 3) / 16
  const squares = 2 * (2 / 3 - mean) ** 2 + 14 * (1 / 3 - mean) ** 2
  expect(standardErrors.dead).toBeCloseTo(Math.sqrt((15 / 16) * squares), 12)
})

test('L0 by position counts the stories that reach it, at every level', () => {
  const rows = (database: typeof summary) =>
    queryL0ByPosition(database)
      ?.filter(({ moduleId }) => moduleId === 0)
      .map(({ position, stories, firings, meanL0 }) => [position, stories, firings, meanL0])
  expect(rows(summary)).toEqual([
    [0, 3, 3, 1],
    [1, 3, 3, 1],
    [2, 1, 0, 0],
    [3, 1, 1, 1],
  ])
  expect(rows(above)?.map(([, , firings]) => firings)).toEqual([0, 2, 0, 1])
})

test('a token has every subcomponent it activates', () => {
  // By activity, 0:1 comes before 0:0; a tie of 1:0 and 1:1.
  const byRank = querySubcomponentsByRank(summary)
  expect(byRank).toEqual([
    [1, 0],
    [0, 1],
  ])
  expect(queryTokenSubcomponents(tokenFile, CAT, byRank)).toEqual([
    { moduleId: 0, subcomponent: 0, count: 3 },
    { moduleId: 0, subcomponent: 1, count: 1 },
    { moduleId: 1, subcomponent: 0, count: 3 },
  ])
  expect(queryTokenSubcomponents(tokenFile, 4, byRank)).toEqual([])
  expect(() => queryTokenSubcomponents(tokenFile, CAT, [[1], [0, 1]])).toThrow(
    'token 1: activates rank 2 of module 0, which is none',
  )
})

test('a token has the number of subcomponents it activates of each module at each level', () => {
  const shape = { moduleCount: 2, levelCount: 3 }
  expect(queryTokenModules(tokenFile, CAT, shape)).toEqual([
    [3, 2, 1],
    [1, 1, 0],
  ])
  expect(queryTokenModules(tokenFile, 4, shape)).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ])
  expect(() => queryTokenModules(tokenFile, CAT, { moduleCount: 2, levelCount: 2 })).toThrow(
    'token 1: 2 modules and 3 levels, expected 2 and 2',
  )
})

test('a token is of the category it has most often', () => {
  expect(table.byId.get(CAT)).toMatchObject({ category: 'NOUN', categoryAgreement: 2 / 3, isPiece: false })
  // Never occurs, and is a piece by its writing.
  expect(table.byId.get(4)).toMatchObject({ category: null, categoryAgreement: null, isPiece: true })
})

test('categories have their shares of the vocabulary and of the occurrences', () => {
  const rows = queryCategories(summary)?.filter(({ vocabularyShare }) => vocabularyShare > 0)
  expect(rows).toEqual([
    { category: 'NOUN', vocabularyShare: 1 / 4, occurrenceShare: 3 / 8 },
    { category: 'VERB', vocabularyShare: 1 / 4, occurrenceShare: 1 / 8 },
    { category: 'DET', vocabularyShare: 1 / 4, occurrenceShare: 2 / 8 },
    { category: 'special', vocabularyShare: 1 / 4, occurrenceShare: 2 / 8 },
  ])
})

test('a module has its shares of a category beside what token frequency gives', () => {
  // Subcomponent 0: "cat" 3. Subcomponent 1: "a" 2, "cat" 1, [EOS] 1.
  const [noun] = queryCategoryShares(summary)?.filter(({ category }) => category === 'NOUN') ?? []
  // A third one is dead; “cat” activates two of the three.
  expect(noun).toMatchObject({ moduleId: 0, highConcentration: 0.5, active: 0.5, firings: 0.625, tokens: 2 / 3 })
  expect(noun?.tokensExpected).toBeCloseTo((2 - (5 / 8) ** 3 - (5 / 8) ** 4) / 3, 12)
  expect(noun?.activeExpected).toBeGreaterThan(0.375)
})

test('the sample tells its positions, and each subcomponent its firings there', () => {
  expect(querySample(summary)).toEqual({ positions: 6, drawn: 7 })
  const sampled = [0, 1, 2].map((c) => querySubcomponent(summary, { moduleId: 0, subcomponent: c }).sampledCount)
  expect(sampled).toEqual([2, 3, 0])
  expect(querySubcomponent(above, ADDRESS).sampledCount).toBeNull()
})

test('co-firing is counted on the sampled positions', () => {
  // Stories 0 and 2, 6 positions: F 2 of 0:0, 3 of 0:1, 2 of 1:0.
  expect(queryCoFirings(detail, summary, ADDRESS, table.positionCount)).toEqual([
    {
      moduleId: 1,
      subcomponent: 0,
      count: 2,
      firings: 2,
      partnerFirings: 2,
      partnerGivenFires: 1,
      firesGivenPartner: 1,
      jaccard: 1,
      pmi: Math.log((2 * 6) / (2 * 2)),
    },
    {
      moduleId: 0,
      subcomponent: 1,
      count: 1,
      firings: 2,
      partnerFirings: 3,
      partnerGivenFires: 1 / 2,
      firesGivenPartner: 1 / 3,
      jaccard: 1 / 4,
      pmi: Math.log((1 * 6) / (2 * 3)),
    },
  ])
})

test('output tokens are counted on the sampled positions', () => {
  // 0.5 and 0.25 at each of 6 positions, two of which are firings.
  const rows = queryOutputTokens(detail, summary, table, ADDRESS)
  expect(rows?.map(({ token, mass, total, tokenGivenFires }) => [token, mass, total, tokenGivenFires])).toEqual([
    ['cat', 1, 3, 0.5],
    ['sat', 0.5, 1.5, 0.25],
  ])
  expect(rows?.[0]?.firesGivenToken).toBeCloseTo(1 / 3, 14)
  expect(rows?.[0]?.pmi).toBeCloseTo(0, 14)
})

test('histograms count the firings and the positions drawn', () => {
  const histograms = queryHistograms(detail, 1)
  // CI 0.5 three times, 1 once; inner activations are twice that; three zeros among the six positions of stories 0 and 2.
  expect([histograms?.ci[10], histograms?.ci[19]]).toEqual([3, 1])
  expect([histograms?.activation[activationBin(1)], histograms?.activation[activationBin(2)]]).toEqual([3, 1])
  expect(histograms?.sampledActivation[activationBin(0)]).toBe(3)
  expect(histograms?.sampledActivation[activationBin(1)]).toBe(3)
  expect(queryHistograms(detail, 2)).toBeNull()
})

test('the strongest example has the greatest inner activation, the sampled ones a quantile', () => {
  const [strongest, ...others] = queryExamples(detail, table, 1, 'strongest')
  expect(strongest).toMatchObject({ story: 1, position: 1, innerActivation: 2, activationQuantile: null })
  expect(others).toEqual([])
  const sampled = queryExamples(detail, table, 1)
  expect(sampled).toHaveLength(2)
  const isStronger = (sampled[0]?.innerActivation ?? 0) > (sampled[1]?.innerActivation ?? 0)
  const isEqual = sampled[0]?.innerActivation === sampled[1]?.innerActivation
  expect(sampled.map(({ activationQuantile }) => activationQuantile)).toEqual(
    isEqual ? [0.5, 0.5] : isStronger ? [0.75, 0.25] : [0.25, 0.75],
  )
})

test('a threshold that is none of the levels is our mistake', async () => {
  const source = { ...fullSource(), levels: [0.2, 0.5] }
  await expect(openSmallIndex('index/summary.sqlite', source)).rejects.toThrow(
    `threshold ${SMALL_THRESHOLD} is none of the levels 0.2, 0.5`,
  )
})
