import { readSampledBlocks } from '../../core/bundle/sampledPositionsFile.ts'
import { bytesByteSource } from '../../core/bytes/bytesByteSource.ts'
import { createStoryCounter } from '../../core/inference/createStoryCounter.ts'
import { type Activity, createActivity } from '../../core/statistics/Activity.ts'
import type { CorpusActivity } from '../../core/statistics/CorpusActivity.ts'
import { readFiringCounts } from '../../core/statistics/FiringCounts.ts'
import type { HarvestedModule } from '../../core/statistics/HarvestedModule.ts'
import type { HarvestSettings } from '../../core/statistics/HarvestSettings.ts'
import { mergeRuns } from '../../core/statistics/mergeRuns.ts'
import type { SampledPositions } from '../../core/statistics/SampledPositions.ts'
import { openGraphModel, openScannedModel } from '../../pipeline/harvest/openModel.ts'
import type { BundleFolder } from '../../pipeline/node/openBundleFolder.ts'

export interface CountOptions {
  readonly levels: readonly number[]
  readonly threshold: number
  readonly seed: number
  readonly sampleShare: number
  /** Indices of `stories`. */
  readonly batches: readonly (readonly number[])[]
  /** Whether CI is what the graph gives. */
  readonly isGraphCi?: boolean
}

/** What a counter hands out. */
export interface CountedRaw {
  readonly activity: Activity
  readonly runs: readonly (readonly Uint8Array<ArrayBuffer>[])[]
  readonly blocks: readonly Uint8Array<ArrayBuffer>[]
}

export interface Counted {
  readonly corpus: CorpusActivity
  readonly modules: readonly HarvestedModule[]
  readonly sampledPositions: readonly SampledPositions[]
}

export function countSettings({ manifest }: BundleFolder, options: CountOptions): HarvestSettings {
  const { levels, threshold, seed, sampleShare } = options
  return {
    vocabularySize: manifest.target_model.vocabulary_size,
    contextLength: manifest.target_model.context_length,
    threshold,
    levels,
    seed,
    examplesPerSubcomponent: 4,
    strongestPerSubcomponent: 3,
    windowRadius: 3,
    sampleShare,
    partStories: 512,
    categoryCount: 0,
    modules: manifest.modules.map(({ path, c }) => ({ path, C: c })),
  }
}

/** Counts some stories of a bundle as a harvest's thread does. */
export async function countRaw(
  bundle: BundleFolder,
  stories: readonly Uint32Array[],
  options: CountOptions,
): Promise<CountedRaw> {
  const { modules } = bundle.manifest
  const { levels, isGraphCi = false } = options
  const open = isGraphCi ? openGraphModel : openScannedModel
  const model = await open(bundle, { levels, hasSample: options.sampleShare > 0, threads: 1, provider: 'cpu' })
  const activity = createActivity(countSettings(bundle, options))
  const runs: Uint8Array<ArrayBuffer>[][] = modules.map(() => [])
  const blocks: Uint8Array<ArrayBuffer>[] = []
  const counter = createStoryCounter({
    ...model,
    modules,
    activity,
    onRun: (index, bytes) => runs[index]?.push(bytes),
    onSampledPositions: (bytes) => blocks.push(bytes),
  })
  for (const batch of options.batches) {
    await counter.add(batch.map((story) => ({ story, ids: stories[story] ?? new Uint32Array(0) })))
  }
  counter.finish()
  await model.session.close()
  await model.head?.session.close()
  return { activity, runs, blocks }
}

/** The same, decoded. */
export async function countStories(
  bundle: BundleFolder,
  stories: readonly Uint32Array[],
  options: CountOptions,
): Promise<Counted> {
  const { activity, runs, blocks } = await countRaw(bundle, stories, options)
  const { settings, corpus } = activity
  const modules: HarvestedModule[] = []
  for (const [i, module] of activity.modules.entries()) {
    const shape = {
      C: settings.modules[i]?.C ?? 0,
      vocabularySize: settings.vocabularySize,
      levelCount: settings.levels.length,
    }
    const sources = (runs[i] ?? []).map((bytes) => bytesByteSource(bytes, `run of module ${i}`))
    const merged = await bytesOf(mergeRuns(sources, shape))
    modules.push({ activity: module, counts: await readFiringCounts(bytesByteSource(merged, 'merged'), shape) })
  }
  const sampledPositions: SampledPositions[] = []
  for (const bytes of blocks) {
    for await (const block of readSampledBlocks(bytesByteSource(bytes, 'sample'), settings))
      sampledPositions.push(block)
  }
  return { corpus, modules, sampledPositions }
}

/** All chunks, one after the other. */
export async function bytesOf(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const gathered: Uint8Array[] = []
  for await (const chunk of chunks) gathered.push(chunk)
  return new Uint8Array(Buffer.concat(gathered))
}
