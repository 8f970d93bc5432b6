import { stat } from 'node:fs/promises'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import { findStoryFiles } from './findStoryFiles.ts'
import { hashOfFile } from './hashOfFile.ts'
import { reached } from './readFileChunks.ts'
import { readStories, type SourceCounts, type Stories, withoutEmptyStories } from './readStories.ts'
import type { Story, StorySeparator } from './Story.ts'
import { type SampleOptions, sampleStories } from './sampleStories.ts'

export interface CorpusOptions {
  /** .jsonl, .txt and .parquet files, each also gzipped, and folders of them. */
  readonly paths: readonly string[]
  readonly field: string
  /** Of .txt files; looked for in each where undefined. */
  readonly separator?: StorySeparator | undefined
  /** Stories to draw at random; all where null. */
  readonly sample: SampleOptions | null
}

/** A file of the corpus and what it gives. */
export interface CorpusSource {
  readonly name: string
  readonly sha256: string
  /** Stories of the corpus that are its. */
  readonly stories: number
  readonly separator: StorySeparator | null
}

/** A corpus as a fixed list of stories, numbered from 0: the empty ones left out, a sample drawn. */
export interface CorpusPlan {
  readonly storyCount: number
  readonly emptyStories: number
  readonly sample: (SampleOptions & { readonly population: number }) | null
  /** In the order read, those that give no story left out. */
  readonly sources: readonly CorpusSource[]
  readonly otherPaths: readonly string[]
  /** The stories in order; may be read several times, and not to the end. */
  read(): AsyncGenerator<Story>
}

/** Reads every file twice, to hash it and to count its stories, so that whatever cannot be read is told first. */
export async function planCorpus(options: CorpusOptions, onProgress: OnProgress): Promise<CorpusPlan> {
  const { paths, field, separator, sample } = options
  const { files, otherPaths } = await findStoryFiles(paths)
  const total = await totalBytes(files)
  const hashes = new Map<string, string>()
  const onHashed = countBytes('hashing the story files', total, onProgress)
  for (const { path, source } of files) hashes.set(source, (await hashOfFile(path, onHashed)).sha256)
  const read = readStories(paths, { field, separator, onBytes: countBytes('counting stories', total, onProgress) })
  const drawn = sample === null ? await countAll(read) : await drawSample(read, sample)
  const { counts } = read
  if (drawn.storyCount === 0) {
    throw new AtlasError('arguments/invalid', `--stories ${paths.join(' ')}: no story in them`)
  }
  return {
    storyCount: drawn.storyCount,
    emptyStories: counts.emptyStories,
    sample: drawn.sample,
    sources: describeSources(counts.sources, hashes, drawn.storiesOf),
    otherPaths,
    read: () => select(readStories(paths, { field, separator }), drawn.holds),
  }
}

/** The first `storyCount` stories of `plan`. */
export async function cutCorpus(plan: CorpusPlan, storyCount: number): Promise<CorpusPlan> {
  const storiesOf = new Map<string, number>()
  for await (const { source } of first(plan.read(), storyCount)) storiesOf.set(source, (storiesOf.get(source) ?? 0) + 1)
  const sources = plan.sources.map((source) => ({ ...source, stories: storiesOf.get(source.name) ?? 0 }))
  return {
    ...plan,
    storyCount,
    sources: sources.filter(({ stories }) => stories > 0),
    read: () => first(plan.read(), storyCount),
  }
}

interface Drawn {
  readonly storyCount: number
  readonly sample: CorpusPlan['sample']
  storiesOf(source: SourceCounts): number
  holds(story: Story): boolean
}

async function countAll(stories: Stories): Promise<Drawn> {
  for await (const _ of stories) {
    // Counting is the reader's.
  }
  return {
    storyCount: stories.counts.stories - stories.counts.emptyStories,
    sample: null,
    storiesOf: (source) => source.stories - source.emptyStories,
    holds: () => true,
  }
}

/** Draws stories and keeps where they are, not what they say. */
async function drawSample(stories: Stories, options: SampleOptions): Promise<Drawn> {
  const { stories: drawn, population } = await sampleStories(withoutText(withoutEmptyStories(stories)), options)
  const indices = new Map<string, Set<number>>()
  for (const { source, index } of drawn) indices.set(source, (indices.get(source) ?? new Set()).add(index))
  return {
    storyCount: drawn.length,
    sample: { ...options, population },
    storiesOf: ({ source }) => indices.get(source)?.size ?? 0,
    holds: ({ source, index }) => indices.get(source)?.has(index) ?? false,
  }
}

function describeSources(
  sources: readonly SourceCounts[],
  hashes: ReadonlyMap<string, string>,
  storiesOf: Drawn['storiesOf'],
): CorpusSource[] {
  return sources
    .map((source) => ({
      name: source.source,
      sha256: hashes.get(source.source) ?? '',
      stories: storiesOf(source),
      separator: source.separator,
    }))
    .filter(({ stories }) => stories > 0)
}

async function* withoutText(stories: AsyncIterable<Story>): AsyncGenerator<Story> {
  for await (const { source, index } of stories) yield { text: '', source, index, place: '' }
}

async function* select(stories: AsyncIterable<Story>, holds: Drawn['holds']): AsyncGenerator<Story> {
  for await (const story of withoutEmptyStories(stories)) if (holds(story)) yield story
}

async function* first(stories: AsyncIterable<Story>, count: number): AsyncGenerator<Story> {
  let taken = 0
  if (count === 0) return
  for await (const story of stories) {
    yield story
    taken += 1
    if (taken === count) return
  }
}

async function totalBytes(files: readonly { readonly path: string }[]): Promise<number> {
  const sizes = await Promise.all(files.map(async ({ path }) => (await reached(stat(path), path)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

function countBytes(label: string, total: number, onProgress: OnProgress): (byteLength: number) => void {
  let done = 0
  return (byteLength) => {
    done += byteLength
    onProgress({ label, done: Math.min(done, total), total, unit: 'bytes' })
  }
}
