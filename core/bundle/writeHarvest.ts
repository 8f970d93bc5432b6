import type { ByteSource } from '../bytes/ByteSource.ts'
import { chunksOf } from '../bytes/chunksOf.ts'
import type { Activity } from '../statistics/Activity.ts'
import type { FiringShape } from '../statistics/firingRun.ts'
import { mergeRuns } from '../statistics/mergeRuns.ts'
import { encodeCorpusActivity } from './corpusActivityFile.ts'
import { describeSettings, HARVEST_FORMAT, type HarvestFile, type HarvestManifest } from './harvestManifest.ts'
import { encodeModuleActivity } from './moduleActivityFile.ts'
import { encodeStories } from './storiesFile.ts'

/** Chunks of a file, one after the other. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Writes a file of a harvest's folder and tells its size and hash. */
export type StoreFile = (path: string, chunks: Chunks) => Promise<HarvestFile>

/** What a harvest of some stories found. */
export interface FoundHarvest {
  /** Complete: its counter has finished. */
  readonly activity: Activity
  /** Of each module the runs its counter handed out. */
  readonly runs: readonly (readonly ByteSource[])[]
  /** Blocks its counter handed out. */
  readonly sampledPositions: Chunks
  /** The stories' token ids. */
  readonly stories: readonly Uint32Array[]
  readonly description: HarvestDescription
}

/** What harvest.json says beside what is counted. */
export type HarvestDescription = Pick<
  HarvestManifest,
  'checkpoint_sha256' | 'key' | 'stories' | 'corpus' | 'example_stories'
>

/** Names of a harvest's files. */
export const HARVEST_FILES = {
  corpus: 'corpus.bin',
  sampledPositions: 'sampled-positions.bin',
  stories: 'stories.bin',
  activity: (index: number): string => `activity-${index}.bin`,
  counts: (index: number): string => `counts-${index}.bin`,
} as const

/** Stores the files of a harvest, one module in memory at a time; returns its harvest.json, to be written last. */
export async function writeHarvest(found: FoundHarvest, store: StoreFile): Promise<HarvestManifest> {
  const { activity, runs, description } = found
  const { settings, corpus } = activity
  const modules: HarvestManifest['modules'] = []
  for (const [i, { path, C }] of settings.modules.entries()) {
    const module = activity.modules[i]
    const shape = { C, vocabularySize: settings.vocabularySize, levelCount: settings.levels.length }
    modules.push({
      path,
      c: C,
      activity: await store(HARVEST_FILES.activity(i), module === undefined ? [] : [encodeModuleActivity(module)]),
      counts: await store(HARVEST_FILES.counts(i), countsOf(runs[i] ?? [], shape)),
    })
  }
  return {
    format: HARVEST_FORMAT,
    ...description,
    settings: describeSettings(settings),
    positions: corpus.positionCount,
    sampled_positions: corpus.sampledPositionCount,
    files: {
      corpus: await store(HARVEST_FILES.corpus, [encodeCorpusActivity(corpus)]),
      sampled_positions: await store(HARVEST_FILES.sampledPositions, found.sampledPositions),
      stories: await store(HARVEST_FILES.stories, [encodeStories(found.stories)]),
    },
    modules,
  }
}

/** A counter's runs as one; where there is but one, it is the counts as it stands. */
function countsOf(runs: readonly ByteSource[], shape: FiringShape): Chunks {
  const [lone, ...others] = runs
  return lone !== undefined && others.length === 0 ? chunksOf(lone) : mergeRuns(runs, shape)
}
