import { HARVEST_FORMAT } from '../core/bundle/formerHarvestManifest.ts'
import type { Manifest } from '../core/bundle/manifest.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { invariant } from '../core/errors/invariant.ts'
import { type Activity, type ActivitySettings, mergeActivity } from '../core/statistics/formerActivity.ts'
import { createTokenizer } from '../core/tokenizer/createTokenizer.ts'
import { type EncodedCorpus, encodeCorpus } from './harvest/encodeCorpus.ts'
import type { EncodedStory } from './harvest/HarvestMessage.ts'
import { HARVEST_JSON, type HarvestDescription, writeHarvest } from './harvest/harvestFolder.ts'
import { type HarvestWorker, startHarvestWorker } from './harvest/startHarvestWorker.ts'
import { type BundleFolder, openBundleFolder } from './node/openBundleFolder.ts'
import { assertReplaceable, replaceFolder } from './node/replaceFolder.ts'
import { hashOfFile } from './stories/hashOfFile.ts'
import { readStories, type SourceCounts, type StoryCounts } from './stories/readStories.ts'
import type { Terminal } from './Terminal.ts'

export interface HarvestOptions {
  readonly bundle: string
  readonly stories: readonly string[]
  readonly out: string
  /** Field or column of the stories' text. */
  readonly field: string
  readonly threshold: number
  readonly limitPositions?: number
  readonly threads: number
  /** Of the hash by which examples are sampled. */
  readonly seed: number
}

/** Firings of a subcomponent kept as examples, and the positions shown on either side. */
const EXAMPLES_PER_SUBCOMPONENT = 20
const WINDOW_RADIUS = 10

/** Runs every story through the run and writes what fires on what into `options.out`, whole or not at all. */
export async function harvest(options: HarvestOptions, terminal: Pick<Terminal, 'tell' | 'onProgress'>): Promise<void> {
  await assertReplaceable(options.out, HARVEST_JSON, '--out')
  const bundle = await openBundleFolder(options.bundle)
  const counts = await countStories(options)
  const settings = activitySettings(options, bundle.manifest)
  const corpus = await openCorpus(options, bundle)
  const startedAt = performance.now()
  const onCounted = tellProgress(options.limitPositions, counts.stories, terminal)
  const activity = await countFirings(bundle, settings, corpus, options.threads, onCounted)
  const seconds = (performance.now() - startedAt) / 1000
  invariant(activity.positionCount === corpus.positionCount, 'positions counted differ from positions read')
  if (corpus.positionCount === 0) {
    throw new AtlasError(
      'arguments/invalid',
      `--limit-positions ${options.limitPositions}: the first story alone has more`,
    )
  }

  const description = await describeHarvest(options, bundle.manifest, corpus, counts.sources)
  await replaceFolder(options.out, (folder) => writeHarvest(folder, description, activity, corpus.stories))
  terminal.tell(
    `${options.out}: ${corpus.stories.length} stories (${corpus.cutCount} cut at ${description.corpus.context_length}), ` +
      `${corpus.positionCount} positions, ${Math.round(corpus.positionCount / seconds)} a second`,
  )
}

/** Reads every story once before the first is run, so that a line that is none is told at once and the end is in sight. */
async function countStories({ stories, field }: HarvestOptions): Promise<StoryCounts> {
  const read = readStories(stories, { field })
  for await (const _ of read) {
    // Counting is the reader's.
  }
  if (read.counts.stories > 0) return read.counts
  throw new AtlasError('arguments/invalid', `--stories ${stories.join(' ')}: no story in them`)
}

function activitySettings({ threshold, seed }: HarvestOptions, manifest: Manifest): ActivitySettings {
  return {
    vocabularySize: manifest.target_model.vocabulary_size,
    threshold,
    exampleSeed: seed,
    examplesPerSubcomponent: EXAMPLES_PER_SUBCOMPONENT,
    windowRadius: WINDOW_RADIUS,
    modules: manifest.modules.map(({ path, c }) => ({ path, C: c })),
  }
}

async function openCorpus(options: HarvestOptions, { manifest, read }: BundleFolder): Promise<EncodedCorpus> {
  const tokenizer = createTokenizer(new TextDecoder().decode(await read(manifest.tokenizer)), manifest.tokenizer)
  return encodeCorpus(readStories(options.stories, { field: options.field }), tokenizer, {
    contextLength: manifest.target_model.context_length,
    limitPositions: options.limitPositions ?? null,
    exampleSeed: options.seed,
  })
}

/** What all stories of `corpus` fire, counted on `threads` threads; the same whatever their number. */
async function countFirings(
  bundle: BundleFolder,
  settings: ActivitySettings,
  corpus: EncodedCorpus,
  threads: number,
  onCounted: (stories: readonly EncodedStory[]) => void,
): Promise<Activity> {
  const workers = Array.from({ length: threads }, () => startHarvestWorker({ bundle: bundle.path, settings }))
  const blocks = corpus.blocks()
  const serve = async (worker: HarvestWorker): Promise<void> => {
    for (;;) {
      const next = await blocks.next()
      if (next.done === true) return
      await worker.count(next.value)
      onCounted(next.value)
    }
  }
  try {
    // Two blocks a worker: one is run while the next waits in its queue.
    await Promise.all([...workers, ...workers].map(serve))
    const [total, ...parts] = await Promise.all(workers.map((worker) => worker.finish()))
    invariant(total !== undefined, 'a harvest has a worker')
    for (const part of parts) mergeActivity(total, part)
    return total
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
}

/** Progress in stories, or in positions where their number is limited. */
function tellProgress(
  limitPositions: number | undefined,
  storyCount: number,
  { onProgress }: Pick<Terminal, 'onProgress'>,
): (stories: readonly EncodedStory[]) => void {
  let storiesDone = 0
  let positionsDone = 0
  return (stories) => {
    storiesDone += stories.length
    positionsDone += stories.reduce((sum, { ids }) => sum + ids.length, 0)
    if (limitPositions === undefined) {
      onProgress({ label: 'harvesting', done: storiesDone, total: storyCount, unit: 'stories' })
    } else {
      onProgress({ label: 'harvesting', done: positionsDone, total: limitPositions, unit: 'positions' })
    }
  }
}

async function describeHarvest(
  options: HarvestOptions,
  { target_model, run }: Manifest,
  corpus: EncodedCorpus,
  sources: readonly SourceCounts[],
): Promise<HarvestDescription> {
  const used = sources.filter(({ source }) => corpus.bySource.has(source))
  return {
    format: HARVEST_FORMAT,
    checkpoint_sha256: run.checkpoint.sha256,
    corpus: {
      source: 'stories',
      sources: await Promise.all(
        used.map(async ({ source, path, separator }) => ({
          name: source,
          sha256: (await hashOfFile(path)).sha256,
          stories: corpus.bySource.get(source) ?? 0,
          separator,
        })),
      ),
      field: options.field,
      empty_stories: 0,
      sample: null,
      stories: corpus.stories.length,
      positions: corpus.positionCount,
      distinct_tokens: countDistinct(corpus.stories),
      stories_cut: corpus.cutCount,
      context_length: target_model.context_length,
      threshold: options.threshold,
      levels: [options.threshold],
      seed: options.seed,
      sample_share: 0,
      sampled_positions: 0,
      jackknife_blocks: 0,
    },
    examples_per_subcomponent: EXAMPLES_PER_SUBCOMPONENT,
    window_radius: WINDOW_RADIUS,
    example_stories: corpus.exampleStories(),
  }
}

function countDistinct(stories: readonly Uint32Array[]): number {
  const seen = new Set<number>()
  for (const ids of stories) for (const id of ids) seen.add(id)
  return seen.size
}
