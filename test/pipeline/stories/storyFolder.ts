import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base } from 'vitest'
import { readStories, type StoryCounts, type StoryOptions } from '../../../pipeline/stories/readStories.ts'
import type { Story } from '../../../pipeline/stories/Story.ts'

/** A folder that lasts as long as a test. */
export interface StoryFolder {
  readonly path: string
  /** Writes a file and returns its path. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>
}

export const test = base.extend<{ folder: StoryFolder }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from its destructuring
  folder: async ({}, use) => {
    const path = await mkdtemp(join(tmpdir(), 'atlas-test-'))
    const write: StoryFolder['write'] = async (name, content) => {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
      return join(path, name)
    }
    await use({ path, write })
    await rm(path, { recursive: true })
  },
})

/** Path of a file made by fixtures/makeFixtures.py. */
export const fixturePath = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))

/** Reads everything at `paths`. */
export async function readAll(
  paths: readonly string[],
  options: StoryOptions = {},
): Promise<{ readonly stories: readonly Story[]; readonly counts: StoryCounts }> {
  const stories = readStories(paths, options)
  const read: Story[] = []
  for await (const story of stories) read.push(story)
  return { stories: read, counts: stories.counts }
}

/** The texts of all stories at `paths`. */
export async function readTexts(paths: readonly string[], options: StoryOptions = {}): Promise<readonly string[]> {
  return (await readAll(paths, options)).stories.map(({ text }) => text)
}
