import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { OnProgress } from '../core/progress/Progress.ts'
import type { Storyteller } from '../core/storyteller/createStoryteller.ts'

const STORIES_PER_REPORT = 1000

/**
 * Writes stories 0 to `count` (exclusive) to the file at `path`, one JSON object a line: `story`, `theme`, `style`.
 * Streams; the file appears whole or not at all.
 */
export async function writeCorpus(
  storyteller: Storyteller,
  count: number,
  path: string,
  onProgress: OnProgress,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.${process.pid}.tmp`
  try {
    await pipeline(corpusLines(storyteller, count, onProgress), createWriteStream(partial))
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
}

function* corpusLines(storyteller: Storyteller, count: number, onProgress: OnProgress): Generator<string> {
  for (let index = 0; index < count; index++) {
    const { text, theme, style } = storyteller.story(index)
    yield `${JSON.stringify({ story: text, theme, style })}\n`
    const done = index + 1
    if (done % STORIES_PER_REPORT === 0 || done === count) {
      onProgress({ label: 'telling stories', done, total: count, unit: 'stories' })
    }
  }
}
