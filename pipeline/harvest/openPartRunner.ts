import { writeHarvest } from '../../core/bundle/writeHarvest.ts'
import { composeBatches } from '../../core/inference/composeBatches.ts'
import { createStoryCounter } from '../../core/inference/createStoryCounter.ts'
import { createActivity } from '../../core/statistics/Activity.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import { openBundleFolder } from '../node/openBundleFolder.ts'
import { countCategories } from './countCategories.ts'
import { encodePart } from './encodePart.ts'
import type { HarvestWorkerData } from './HarvestMessage.ts'
import { type HarvestPlan, keyOfPlan, settingsOfPlan, storiesOfPart } from './HarvestPlan.ts'
import { storeIn, writeHarvestManifest } from './harvestFolder.ts'
import { batchRows, openModel } from './openModel.ts'
import { openPartFiles } from './openPartFiles.ts'
import type { PartStories } from './readPartStories.ts'

/** Stories and positions counted since it was last told. */
export type OnCounted = (counted: { readonly stories: number; readonly positions: number }) => void

/** Runs a part's stories and writes its harvest into `folder`; returns the number of stories it cut at the context. */
export type RunPart = (part: PartStories, folder: string, onCounted: OnCounted) => Promise<number>

/** Opens the bundle once; parts are then run one at a time. */
export async function openPartRunner({ bundle: path, plan, sessionThreads }: HarvestWorkerData): Promise<RunPart> {
  const bundle = await openBundleFolder(path)
  const { manifest } = bundle
  const tokenizer = createTokenizer(new TextDecoder().decode(await bundle.read(manifest.tokenizer)), manifest.tokenizer)
  const settings = settingsOfPlan(plan, manifest)
  const { provider } = plan
  const { levels, sampleShare } = settings
  const model = await openModel(bundle, { levels, hasSample: sampleShare > 0, threads: sessionThreads, provider })
  const maxRows = batchRows(manifest)
  return async (part, folder, onCounted) => {
    const activity = createActivity(settings)
    const files = openPartFiles(folder, settings.modules.length)
    const counter = createStoryCounter({
      ...model,
      modules: manifest.modules,
      activity,
      onRun: files.addRun,
      onSampledPositions: files.addSampledPositions,
    })
    const { stories, cutCount, exampleStories } = encodePart(part, tokenizer, settings)
    if (settings.categoryCount > 0) countCategories(part, stories, tokenizer, activity.corpus.categoryCounts)
    const lengths = stories.map(({ ids }) => ids.length)
    for (const indices of composeBatches(lengths, maxRows)) {
      const batch = indices.flatMap((i) => stories[i] ?? [])
      await counter.add(batch)
      onCounted({ stories: batch.length, positions: batch.reduce((sum, { ids }) => sum + ids.length, 0) })
    }
    counter.finish()
    await files.finish(async (runs, sampledPositions) => {
      const description = describePart(plan, part.part, exampleStories)
      const found = { activity, runs, sampledPositions, stories: stories.map(({ ids }) => ids), description }
      await writeHarvestManifest(folder, await writeHarvest(found, storeIn(folder)))
    })
    return cutCount
  }
}

function describePart(plan: HarvestPlan, part: number, exampleStories: { story: number; text: string }[]) {
  return {
    checkpoint_sha256: plan.checkpoint_sha256,
    key: keyOfPlan(plan),
    stories: storiesOfPart(plan, part),
    corpus: null,
    example_stories: exampleStories,
  }
}
