import { createHash } from 'node:crypto'
import { findBundleFile } from '../../core/bundle/findBundleFile.ts'
import { describeSettings } from '../../core/bundle/harvestManifest.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import { levelsWith } from '../../core/statistics/levels.ts'
import { defaultSampleShare } from '../../core/statistics/samplePositions.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import { atlasVersion } from '../node/atlasVersion.ts'
import type { Provider } from '../node/createOpenSession.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { type CorpusPlan, cutCorpus, planCorpus } from '../stories/planCorpus.ts'
import type { StorySeparator } from '../stories/Story.ts'
import { DEFAULT_PART_STORIES, type HarvestPlan } from './HarvestPlan.ts'

/** What a harvest's bytes depend on, as the command is told it. */
export interface PlanOptions {
  readonly stories: readonly string[]
  /** Field or column of the stories' text. */
  readonly field: string
  /** Of .txt files (default: looked for in each). */
  readonly separator?: StorySeparator
  /** Stories to draw at random (default: all are taken). */
  readonly sample?: number
  readonly sampleSeed?: number
  readonly threshold: number
  readonly limitPositions?: number
  /** Of the hashes by which examples and positions are sampled. */
  readonly seed: number
  readonly partStories?: number
  /** Share of the positions that are sampled (default: such that about 512 stories' are). */
  readonly sampleShare?: number
  readonly provider?: Provider
}

/** A plan and the stories it is of. */
export interface PlannedHarvest {
  readonly plan: HarvestPlan
  readonly corpus: CorpusPlan
}

/** Firings of a subcomponent kept as examples, and the positions shown on either side. */
const EXAMPLES_PER_SUBCOMPONENT = 20
const STRONGEST_PER_SUBCOMPONENT = 10
const WINDOW_RADIUS = 10

/** Reads all stories once, without running any, and settles everything that shards and resumed runs must agree on. */
export async function planHarvest(
  options: PlanOptions,
  bundle: BundleFolder,
  categoryCount: number,
  onProgress: OnProgress,
): Promise<PlannedHarvest> {
  const { manifest } = bundle
  const { field, separator, sample, sampleSeed = 0, limitPositions, threshold, seed, provider = 'cpu' } = options
  const whole = await planCorpus(
    {
      paths: options.stories,
      field,
      separator,
      sample: sample === undefined ? null : { count: sample, seed: sampleSeed },
    },
    onProgress,
  )
  const corpus = limitPositions === undefined ? whole : await limitCorpus(whole, bundle, limitPositions, onProgress)
  const plan: HarvestPlan = {
    written_by: atlasVersion(),
    checkpoint_sha256: manifest.run.checkpoint.sha256,
    model_sha256: hashOfModel(manifest),
    provider,
    corpus: {
      sources: [...corpus.sources],
      field,
      empty_stories: corpus.emptyStories,
      sample: corpus.sample,
      limit_positions: limitPositions ?? null,
      stories: corpus.storyCount,
    },
    settings: describeSettings({
      vocabularySize: manifest.target_model.vocabulary_size,
      contextLength: manifest.target_model.context_length,
      threshold,
      levels: levelsWith(threshold),
      seed,
      examplesPerSubcomponent: EXAMPLES_PER_SUBCOMPONENT,
      strongestPerSubcomponent: STRONGEST_PER_SUBCOMPONENT,
      windowRadius: WINDOW_RADIUS,
      sampleShare: options.sampleShare ?? defaultSampleShare(corpus.storyCount),
      partStories: options.partStories ?? DEFAULT_PART_STORIES,
      categoryCount,
      modules: modulesOf(manifest),
    }),
  }
  return { plan, corpus }
}

/** Every module of the run with all its subcomponents, dropped or not. */
export function modulesOf({ modules }: Manifest): { readonly path: string; readonly C: number }[] {
  return modules.map(({ path, c }) => ({ path, C: c }))
}

/** The stories of `corpus` that end before the first that would go beyond `limit` positions. */
async function limitCorpus(
  corpus: CorpusPlan,
  { manifest, read }: BundleFolder,
  limit: number,
  onProgress: OnProgress,
): Promise<CorpusPlan> {
  const tokenizer = createTokenizer(new TextDecoder().decode(await read(manifest.tokenizer)), manifest.tokenizer)
  let storyCount = 0
  let positions = 0
  for await (const { text } of corpus.read()) {
    const length = Math.min(tokenizer.encode(text).ids.length, manifest.target_model.context_length)
    if (positions + length > limit) break
    storyCount += 1
    positions += length
    onProgress({ label: 'counting positions', done: positions, total: limit, unit: 'positions' })
  }
  if (storyCount > 0) return cutCorpus(corpus, storyCount)
  throw new AtlasError('arguments/invalid', `--limit-positions ${limit}: the first story alone has more`)
}

/** SHA-256 of those of the graph, the weights and the tokenizer that a harvest reads. */
function hashOfModel(manifest: Manifest): string {
  const { graphs, tokenizer } = manifest
  const hash = createHash('sha256')
  for (const path of [graphs.observe, ...graphs.weights, tokenizer]) hash.update(findBundleFile(manifest, path).sha256)
  return hash.digest('hex')
}
