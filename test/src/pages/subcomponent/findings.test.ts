import { expect, test } from 'vitest'
import type { CoFiringRow } from '../../../../core/bundle/queryCoFirings.ts'
import type { SubcomponentTokenRow } from '../../../../core/bundle/queryTokens.ts'
import {
  coFiringFinding,
  outputFinding,
  sampledPositionsNote,
  sampleNote,
  tokensFinding,
} from '../../../../src/pages/subcomponent/findings.ts'

function tokens(counts: Readonly<Record<string, number>>): SubcomponentTokenRow[] {
  return Object.entries(counts).map(([token, count], tokenId) => ({
    ...{ tokenId, token, count, occurrences: count, firesGivenToken: 1, tokenGivenFires: 0, pmi: 0 },
  }))
}

test.each([
  [{}, 0, 'It never fires'],
  [{ mia: 4 }, 4, 'It fires on one token only, “mia”'],
  [{ mia: 4, leo: 3 }, 7, 'It fires on “mia” and “leo” alone'],
  [{ mia: 4, leo: 3, kim: 1 }, 8, 'It fires on “mia”, “leo” and “kim” alone'],
  // 8 of 10 firings
  [
    { mia: 4, leo: 3, kim: 1, tom: 1, ben: 1 },
    10,
    '“mia”, “leo” and “kim” hold 80.0\u00a0% of its firings, on 5 tokens in all',
  ],
])('the tokens %o are put in a sentence', (counts, activationCount, sentence) => {
  expect(tokensFinding(tokens(counts), activationCount)).toBe(sentence)
})

test('tokens that hold little are not named', () => {
  const twenty = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`t${i}`, 5]))
  // 15 of 100 firings
  expect(tokensFinding(tokens(twenty), 100)).toBe(
    'Spread over 20 tokens: the first three hold 15.0\u00a0% of its firings',
  )
})

test.each([
  [20, 134_019, 'Uniform sample of 20 of 134\u202f019 firings.'],
  [7, 7, 'All 7 firings, in random order.'],
  [1, 1, 'Its one firing.'],
])('%d examples of %d firings are called what they are', (examples, firings, note) => {
  expect(sampleNote(examples, firings, 'stories')).toBe(note)
})

test('does not call a sample of the spd package uniform', () => {
  expect(sampleNote(20, 134_019, 'spd-harvest')).toBe('20 of 134\u202f019 firings, as the spd package sampled them.')
  expect(sampleNote(3, 3, 'spd-harvest')).toBe('All 3 firings, in random order.')
})

const partner = (subcomponent: number, share: number): CoFiringRow => ({
  ...{
    moduleId: 0,
    subcomponent,
    count: 1,
    firings: 1,
    partnerFirings: 1,
    partnerGivenFires: share,
    firesGivenPartner: 0,
    jaccard: 0,
    pmi: 0,
  },
})

test('the partner named is the first, with its share of the firings', () => {
  const nameOf = ({ subcomponent }: CoFiringRow) => `l0.q:${subcomponent}`
  expect(coFiringFinding([partner(7, 0.5), partner(3, 0.2)], nameOf)).toBe(
    'It fires most often together with l0.q:7, at 50.0\u00a0% of its firings',
  )
  expect(coFiringFinding([], nameOf)).toBe('It fires with no other subcomponent')
})

test('the output token named is the one with most probability', () => {
  const output = { ...{ tokenId: 1, token: 'mia', mass: 3, total: 9, firesGivenToken: 1 / 3, pmi: 1 } }
  expect(outputFinding([{ ...output, tokenGivenFires: 0.25 }])).toBe(
    'Where it fires the model expects “mia” most, mean probability 0.250',
  )
  expect(outputFinding([])).toBe('No predictions where it fires')
})

test('a sample of positions is told from all of them', () => {
  expect(sampledPositionsNote(null, 6144)).toBe('Counted on all 6\u202f144 positions.')
  expect(sampledPositionsNote(2011, 4000)).toBe('Counted on 2\u202f011 of 4\u202f000 positions, drawn by hash.')
  expect(sampledPositionsNote(4000, 4000)).toBe('Counted on all 4\u202f000 positions.')
})
