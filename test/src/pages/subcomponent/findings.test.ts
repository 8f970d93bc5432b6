import { expect, test } from 'vitest'
import type { SubcomponentTokenRow } from '../../../../core/bundle/queryTokens.ts'
import { sampleNote, tokensFinding } from '../../../../src/pages/subcomponent/findings.ts'

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
