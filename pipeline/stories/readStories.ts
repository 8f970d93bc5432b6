import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { invariant } from '../../core/errors/invariant.ts'
import { findStoryFiles } from './findStoryFiles.ts'
import { gunzipChunks } from './gunzipChunks.ts'
import { reached, readFileChunks } from './readFileChunks.ts'
import { readJsonlStories } from './readJsonlStories.ts'
import { readParquetStories } from './readParquetStories.ts'
import { findStorySeparator, readTextStories } from './readTextStories.ts'
import type { PlacedText, Story, StoryFile, StorySeparator } from './Story.ts'

/** What a source has given so far. */
export interface SourceCounts extends StoryFile {
  readonly stories: number
  /** Stories among them that hold nothing but white space. */
  readonly emptyStories: number
  /** What its stories were separated by, given or found; null where the format has records of its own. */
  readonly separator: StorySeparator | null
}

/** What has been read so far; complete when the iteration has ended. */
export interface StoryCounts {
  readonly stories: number
  readonly emptyStories: number
  /** In the order read. */
  readonly sources: readonly SourceCounts[]
  /** Whatever lay in the given folders and was left aside. */
  readonly otherPaths: readonly string[]
}

/** The stories of a corpus in the order its files hold them; they can be read once. */
export interface Stories extends AsyncIterable<Story> {
  readonly counts: StoryCounts
}

export interface StoryOptions {
  /** Field of a .jsonl line or column of a .parquet file that holds the text (default "story"). */
  readonly field?: string | undefined
  /** Separator of .txt files (default: looked for in each, see `findStorySeparator`). */
  readonly separator?: StorySeparator | undefined
  /** Told of bytes of the files as they are stored, once they are read. */
  readonly onBytes?: ((byteLength: number) => void) | undefined
}

/**
 * Reads the stories at `paths`: .jsonl, .txt and .parquet files, each also gzipped, and folders of them. Nothing is left
 * out: empty stories come with the others and are counted, whatever cannot be read ends the iteration with an AtlasError
 * that names file and line or row.
 */
export function readStories(paths: readonly string[], given: StoryOptions = {}): Stories {
  const { field = 'story', separator, onBytes = () => undefined } = given
  const sources: Mutable<SourceCounts>[] = []
  const counts: Mutable<StoryCounts> = { stories: 0, emptyStories: 0, sources, otherPaths: [] }
  let isStarted = false
  async function* read(): AsyncGenerator<Story> {
    invariant(!isStarted, 'stories are read a second time')
    isStarted = true
    const found = await findStoryFiles(paths)
    counts.otherPaths = found.otherPaths
    for (const file of found.files) {
      const source: Mutable<SourceCounts> = { ...file, stories: 0, emptyStories: 0, separator: null }
      sources.push(source)
      if (file.format === 'txt') source.separator = separator ?? (await findStorySeparator(chunksOf(file)))
      const options = { field, separator: source.separator, refusesMarker: separator === undefined, onBytes }
      for await (const batch of readFile(file, options)) {
        for (const { text, at } of batch) {
          const index = source.stories
          count(source, text)
          count(counts, text)
          yield { text, source: file.source, index, place: `${file.source}:${at}` }
        }
      }
    }
  }
  return { counts, [Symbol.asyncIterator]: read }
}

/** The stories that hold more than white space. */
export async function* withoutEmptyStories(stories: AsyncIterable<Story>): AsyncGenerator<Story> {
  for await (const story of stories) if (!isEmpty(story.text)) yield story
}

function count(counts: { stories: number; emptyStories: number }, text: string): void {
  counts.stories += 1
  if (isEmpty(text)) counts.emptyStories += 1
}

const isEmpty = (text: string): boolean => text.trim() === ''

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface FileOptions {
  readonly field: string
  /** Null for formats other than txt. */
  readonly separator: StorySeparator | null
  readonly refusesMarker: boolean
  readonly onBytes: (byteLength: number) => void
}

function readFile(file: StoryFile, options: FileOptions): AsyncGenerator<readonly PlacedText[]> {
  const { source: name } = file
  const { field, separator, refusesMarker, onBytes } = options
  switch (file.format) {
    case 'jsonl':
      return readJsonlStories(chunksOf(file, onBytes), { name, field })
    case 'txt':
      invariant(separator !== null, 'a .txt file is read without a separator')
      return readTextStories(chunksOf(file, onBytes), { name, separator, refusesMarker })
    case 'parquet':
      return file.isGzipped ? readGzippedParquet(file, options) : readWholeParquet(file, options)
  }
}

/** The file's bytes, unpacked where it is gzipped. */
function chunksOf(
  { path, source, isGzipped }: StoryFile,
  onBytes?: (byteLength: number) => void,
): AsyncGenerator<Buffer> {
  const stored = readFileChunks(path, source)
  const chunks = onBytes === undefined ? stored : tellingBytes(stored, onBytes)
  return isGzipped ? gunzipChunks(chunks, source) : chunks
}

async function* tellingBytes(
  chunks: AsyncIterable<Buffer>,
  onBytes: (byteLength: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes(chunk.length)
    yield chunk
  }
}

/** A parquet file is read here and there; its bytes are told at the end. */
async function* readWholeParquet(
  { path, source: name }: StoryFile,
  { field, onBytes }: FileOptions,
): AsyncGenerator<readonly PlacedText[]> {
  yield* readParquetStories(path, { name, field })
  onBytes((await reached(stat(path), name)).size)
}

/** A parquet file is read from its end, so a gzipped one is unpacked into a temporary file first. */
async function* readGzippedParquet(
  file: StoryFile,
  { field, onBytes }: FileOptions,
): AsyncGenerator<readonly PlacedText[]> {
  const folder = await reached(mkdtemp(join(tmpdir(), 'atlas-stories-')), tmpdir())
  try {
    const path = join(folder, 'unpacked.parquet')
    const handle = await reached(open(path, 'wx'), path)
    try {
      for await (const chunk of chunksOf(file, onBytes)) await reached(handle.writeFile(chunk), path)
    } finally {
      await handle.close()
    }
    yield* readParquetStories(path, { name: file.source, field })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
