import { chunksOf } from '../bytes/chunksOf.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { createModuleActivity, type ModuleActivity } from '../statistics/Activity.ts'
import { type CorpusActivity, createCorpusActivity } from '../statistics/CorpusActivity.ts'
import { storyHash } from '../statistics/firingHash.ts'
import { mergeCorpusActivity, mergeModuleActivity } from '../statistics/mergeActivity.ts'
import { mergeRuns } from '../statistics/mergeRuns.ts'
import { encodeCorpusActivity } from './corpusActivityFile.ts'
import { HARVEST_FORMAT, type HarvestFile, type HarvestManifest, settingsOf } from './harvestManifest.ts'
import { encodeModuleActivity } from './moduleActivityFile.ts'
import {
  firingShapeOf,
  type OpenedHarvest,
  type OpenedSource,
  openFile,
  readCorpusActivity,
  readModuleActivity,
} from './readHarvest.ts'
import { HARVEST_FILES, type StoreFile } from './writeHarvest.ts'

interface MergeOptions {
  /** What the merged harvest says of its corpus; null where it is itself a part. */
  readonly corpus: HarvestManifest['corpus']
  /** Example stories kept, those with the smallest hashes. */
  readonly exampleStories: number
  readonly onModule?: (done: number, total: number) => void
}

/**
 * Adds up `parts`, in any order, which must have the same settings and hold adjoining stories. Memory: the dense arrays of
 * one module twice, its runs' stripes (mergeRuns), and the counts of the corpus. Returns the harvest.json to write last.
 */
export async function mergeHarvests(
  parts: readonly OpenedHarvest[],
  { corpus, exampleStories, onModule }: MergeOptions,
  store: StoreFile,
): Promise<HarvestManifest> {
  const ordered = parts.toSorted((a, b) => a.manifest.stories.start - b.manifest.stories.start)
  const first = ordered[0]
  if (first === undefined) throw new AtlasError('arguments/invalid', 'merge: no parts of a harvest')
  assertMergeable(ordered, first)
  const modules: HarvestManifest['modules'] = []
  for (const [i, { path, c }] of first.manifest.modules.entries()) {
    const activity = await store(HARVEST_FILES.activity(i), [encodeModuleActivity(await mergeModule(ordered, i))])
    modules.push({ path, c, activity, counts: await store(HARVEST_FILES.counts(i), mergeCounts(ordered, i)) })
    onModule?.(i + 1, first.manifest.modules.length)
  }
  const counted = await mergeCorpus(ordered)
  const { settings, checkpoint_sha256, key, stories } = first.manifest
  return {
    format: HARVEST_FORMAT,
    checkpoint_sha256,
    key,
    settings,
    stories: { start: stories.start, end: ordered.at(-1)?.manifest.stories.end ?? stories.end },
    positions: counted.positionCount,
    sampled_positions: counted.sampledPositionCount,
    corpus,
    example_stories: ordered
      .flatMap(({ manifest }) => manifest.example_stories)
      .sort((a, b) => storyHash(settings.seed, a.story) - storyHash(settings.seed, b.story) || a.story - b.story)
      .slice(0, exampleStories),
    files: {
      corpus: await store(HARVEST_FILES.corpus, [encodeCorpusActivity(counted)]),
      sampled_positions: await store(
        HARVEST_FILES.sampledPositions,
        copyFiles(ordered, ({ files }) => files.sampled_positions),
      ),
      stories: await store(
        HARVEST_FILES.stories,
        copyFiles(ordered, ({ files }) => files.stories),
      ),
    },
    modules,
  }
}

/** Refuses parts of other harvests, and stories that are missing or there twice. */
function assertMergeable(ordered: readonly OpenedHarvest[], first: OpenedHarvest): void {
  const identity = ({ manifest: { checkpoint_sha256, key, settings, modules } }: OpenedHarvest): string =>
    JSON.stringify([checkpoint_sha256, key, settings, modules.map(({ path, c }) => [path, c])])
  const expected = identity(first)
  let end = first.manifest.stories.start
  for (const part of ordered) {
    if (identity(part) !== expected) {
      throw new AtlasError('arguments/invalid', `${part.place}: part of another harvest than ${first.place}`)
    }
    const { start } = part.manifest.stories
    if (start !== end) {
      throw new AtlasError('arguments/invalid', `${part.place}: begins with story ${start}, expected ${end}`)
    }
    end = part.manifest.stories.end
  }
}

async function mergeModule(parts: readonly OpenedHarvest[], index: number): Promise<ModuleActivity> {
  let total: ModuleActivity | null = null
  for (const part of parts) {
    const activity = await readModuleActivity(part, index)
    total ??= createModuleActivity(settingsOf(part.manifest), activity.ciSums.length)
    mergeModuleActivity(total, activity)
  }
  if (total === null) throw new AtlasError('arguments/invalid', 'merge: no parts of a harvest')
  return total
}

async function mergeCorpus(parts: readonly OpenedHarvest[]): Promise<CorpusActivity> {
  let total: CorpusActivity | null = null
  for (const part of parts) {
    total ??= createCorpusActivity(settingsOf(part.manifest))
    mergeCorpusActivity(total, await readCorpusActivity(part))
  }
  if (total === null) throw new AtlasError('arguments/invalid', 'merge: no parts of a harvest')
  return total
}

async function* mergeCounts(parts: readonly OpenedHarvest[], index: number): AsyncGenerator<Uint8Array> {
  const sources: OpenedSource[] = []
  try {
    for (const part of parts) {
      const file = part.manifest.modules[index]?.counts
      if (file !== undefined) sources.push(await openFile(part, file))
    }
    const [first] = parts
    if (first !== undefined) yield* mergeRuns(sources, firingShapeOf(first, index))
  } finally {
    for (const source of sources) await source.close()
  }
}

/** A file of every part, one after the other. */
async function* copyFiles(
  parts: readonly OpenedHarvest[],
  fileOf: (manifest: HarvestManifest) => HarvestFile,
): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const source = await openFile(part, fileOf(part.manifest))
    try {
      yield* chunksOf(source)
    } finally {
      await source.close()
    }
  }
}
