import { expect, test } from 'vitest'
import { type PartStories, readPartStories } from '../../../pipeline/harvest/readPartStories.ts'
import type { Story } from '../../../pipeline/stories/Story.ts'
import { smallPlan } from './harvestPlan.ts'

async function* stories(count: number): AsyncGenerator<Story> {
  for (let i = 0; i < count; i++) yield { text: `${i}`, source: 's', index: i, place: `s:${i + 1}` }
}

async function read(parts: AsyncIterable<PartStories>): Promise<[number, number, string[]][]> {
  const all: [number, number, string[]][] = []
  for await (const part of parts) all.push([part.part, part.start, part.stories.map(({ text }) => text)])
  return all
}

test('gives the stories of the parts asked for, the last part shorter', async () => {
  expect(await read(readPartStories(stories(5), smallPlan(5), [0, 2]))).toEqual([
    [0, 0, ['0', '1']],
    [2, 4, ['4']],
  ])
})

test('gives nothing where no part is asked for', async () => {
  expect(await read(readPartStories(stories(5), smallPlan(5), []))).toEqual([])
})

test('refuses a corpus that has become shorter', async () => {
  await expect(read(readPartStories(stories(3), smallPlan(5), [0, 1, 2]))).rejects.toMatchObject({
    code: 'source/unreachable',
    message: 'stories: 3 were read, expected 5, as when they were counted',
  })
})
