import { expect, test } from 'vitest'
import { createStorySample } from '../../../core/statistics/createStorySample.ts'
import { storyHash } from '../../../core/statistics/firingHash.ts'

const stories = Array.from({ length: 50 }, (_, story) => story)
const bySmallestHash = stories.toSorted((a, b) => storyHash(3, a) - storyHash(3, b))

test('keeps the stories with the smallest hashes, in their order', () => {
  const sample = createStorySample(3, 4)
  for (const story of stories) sample.offer(story, 100, `story ${story}`)
  expect(sample.stories()).toEqual(bySmallestHash.slice(0, 4).map((story) => ({ story, text: `story ${story}` })))
})

test('does not depend on the order they come in', () => {
  const sample = createStorySample(3, 4)
  for (const story of stories.toReversed()) sample.offer(story, 100, `story ${story}`)
  expect(sample.stories().map(({ story }) => story)).toEqual(bySmallestHash.slice(0, 4))
})

test.each([
  [39, 0],
  [40, 1],
  [160, 1],
  [161, 0],
])('a story of %i tokens: %i kept', (tokenCount, kept) => {
  const sample = createStorySample(0, 4)
  sample.offer(0, tokenCount, 'a story')
  expect(sample.stories()).toHaveLength(kept)
})
