import { expect, test } from 'vitest'
import { queryCoFirings } from '../../../core/bundle/queryCoFirings.ts'
import { queryExamples } from '../../../core/bundle/queryExamples.ts'
import { queryOutputTokens } from '../../../core/bundle/queryOutputTokens.ts'
import { querySubcomponent } from '../../../core/bundle/querySubcomponent.ts'
import { createTokenTable, queryTokens } from '../../../core/bundle/queryTokens.ts'
import { harvestSource, openFiles } from './smallHarvestIndex.ts'
import { smallSource } from './smallIndex.ts'

const ADDRESS = { moduleId: 0, subcomponent: 1 }

const { summary, detail } = await openFiles(harvestSource())
const ofStories = await openFiles(smallSource())
const table = createTokenTable(queryTokens(summary))

test('co-firings have their four measures', () => {
  expect(queryCoFirings(detail, summary, ADDRESS, 8)).toEqual([
    {
      moduleId: 0,
      subcomponent: 0,
      count: 2,
      firings: 4,
      partnerFirings: 3,
      partnerGivenFires: 2 / 4,
      firesGivenPartner: 2 / 3,
      jaccard: 2 / 5, // 4 + 3 − 2
      pmi: Math.log(16 / 12),
    },
    {
      moduleId: 1,
      subcomponent: 1,
      count: 1,
      firings: 4,
      partnerFirings: 3,
      partnerGivenFires: 1 / 4,
      firesGivenPartner: 1 / 3,
      jaccard: 1 / 6, // 4 + 3 − 1
      pmi: Math.log(8 / 12),
    },
  ])
  expect(queryCoFirings(detail, summary, { moduleId: 0, subcomponent: 2 }, 8)).toEqual([])
})

test('output tokens have mass in the place of counts', () => {
  expect(queryOutputTokens(detail, summary, table, ADDRESS)).toEqual([
    {
      tokenId: 3,
      token: '[EOS]',
      mass: 1,
      total: 1.5,
      firesGivenToken: 1 / 1.5,
      tokenGivenFires: 1 / 4,
      pmi: Math.log(8 / 6), // 1 · 8 / (1.5 · 4)
    },
    {
      tokenId: 0,
      token: 'a',
      mass: 0.5,
      total: 2,
      firesGivenToken: 0.25,
      tokenGivenFires: 0.125,
      pmi: Math.log(0.5), // 0.5 · 8 / (2 · 4)
    },
  ])
})

test('are told apart from none where the harvest has none', () => {
  expect(queryCoFirings(ofStories.detail, ofStories.summary, ADDRESS, 8)).toBeNull()
  expect(queryOutputTokens(ofStories.detail, ofStories.summary, table, ADDRESS)).toBeNull()
})

test('examples without stories say so', () => {
  expect(queryExamples(detail, table, 1)).toEqual([
    {
      rank: 1,
      story: null,
      position: 1,
      causalImportance: 0.5,
      innerActivation: null,
      activationQuantile: null,
      windowStart: 0,
      tokens: [
        { tokenId: 1, token: 'cat', causalImportance: 0 },
        { tokenId: 0, token: 'a', causalImportance: 0.5 },
      ],
    },
  ])
})

test('a mean CI that is not known is null', () => {
  expect(querySubcomponent(summary, { moduleId: 0, subcomponent: 2 }).meanCi).toBeNull()
  expect(querySubcomponent(summary, ADDRESS).meanCi).toBe(2.5 / 8)
  expect(querySubcomponent(ofStories.summary, { moduleId: 0, subcomponent: 2 }).meanCi).toBe(0.0625)
})
