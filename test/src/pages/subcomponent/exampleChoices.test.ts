import { expect, test } from 'vitest'
import type { ExampleRow } from '../../../../core/bundle/queryExamples.ts'
import { exampleChoices, exampleNote, groupExamples } from '../../../../src/pages/subcomponent/exampleChoices.ts'

const example = (rank: number, activationQuantile: number | null): ExampleRow => ({
  ...{ rank, story: 0, position: 0, causalImportance: 1, innerActivation: 1, windowStart: 0, tokens: [] },
  activationQuantile,
})
const sampled = [example(1, 0.5), example(2, 0.9), example(3, 0.1), example(4, 0.75), example(5, null)]
const strongest = [example(1, null), example(2, null)]

test('only lists that the index has can be chosen', () => {
  expect(exampleChoices(sampled, strongest)).toEqual(['sampled', 'strongest', 'quantile'])
  expect(exampleChoices([example(1, null)], [])).toEqual(['sampled'])
})

test('by quantile the sample stands in quarters, strongest first, without empty ones', () => {
  const groups = groupExamples('quantile', sampled, strongest)
  expect(groups.map(({ title, examples }) => [title, examples.map(({ rank }) => rank)])).toEqual([
    ['|h| in the strongest quarter of the sample', [2, 4]],
    ['Second quarter', [1]],
    ['Weakest quarter', [3]],
  ])
})

test('the other lists keep their order in one group', () => {
  expect(groupExamples('sampled', sampled, strongest)).toEqual([{ title: 'sampled', examples: sampled }])
  expect(groupExamples('strongest', sampled, strongest)).toEqual([{ title: 'strongest', examples: strongest }])
})

test('each list says what it is', () => {
  const counts = { sampled, strongest, activationCount: 134_019, source: 'stories' } as const
  expect(exampleNote('sampled', counts)).toBe('Uniform sample of 5 of 134\u202f019 firings.')
  expect(exampleNote('strongest', counts)).toBe('The 2 of 134\u202f019 firings with the greatest |inner activation|.')
  expect(exampleNote('quantile', counts)).toBe(
    'Uniform sample of 5 of 134\u202f019 firings. By |inner activation|, in quarters of the sample.',
  )
})
