import type { StoryCorpus } from '../../core/bundle/manifest.ts'
import { mergeHarvests } from '../../core/bundle/mergeHarvests.ts'
import { type OpenedHarvest, readCorpusActivity } from '../../core/bundle/readHarvest.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import { JACKKNIFE_BLOCKS } from '../../core/statistics/HarvestSettings.ts'
import type { CheckedParts } from './checkParts.ts'
import { EXAMPLE_STORIES } from './encodePart.ts'
import type { HarvestPlan } from './HarvestPlan.ts'
import { openHarvest, storeIn, writeHarvestManifest } from './harvestFolder.ts'

/** Adds checked parts up and writes the harvest into `folder`; returns what it says of its corpus. */
export async function mergeParts(
  { plan, folders, storiesCut }: CheckedParts,
  folder: string,
  onProgress: OnProgress,
): Promise<StoryCorpus> {
  const parts: OpenedHarvest[] = []
  for (const path of folders) parts.push(await openHarvest(path))
  const corpus = await describeCorpus(plan, parts, storiesCut)
  const onModule = (done: number, total: number) => onProgress({ label: 'merging', done, total, unit: 'modules' })
  const options = { corpus, exampleStories: EXAMPLE_STORIES, onModule }
  await writeHarvestManifest(folder, await mergeHarvests(parts, options, storeIn(folder)))
  return corpus
}

async function describeCorpus(
  { corpus, settings }: HarvestPlan,
  parts: readonly OpenedHarvest[],
  storiesCut: number,
): Promise<StoryCorpus> {
  const sumOf = (count: (part: OpenedHarvest) => number): number => parts.reduce((sum, part) => sum + count(part), 0)
  return {
    source: 'stories',
    sources: corpus.sources,
    field: corpus.field,
    empty_stories: corpus.empty_stories,
    sample: corpus.sample,
    stories: corpus.stories,
    positions: sumOf(({ manifest }) => manifest.positions),
    distinct_tokens: await countDistinctTokens(parts, settings.vocabulary_size),
    stories_cut: storiesCut,
    context_length: settings.context_length,
    threshold: settings.threshold,
    levels: settings.levels,
    seed: settings.seed,
    sample_share: settings.sample_share,
    sampled_positions: sumOf(({ manifest }) => manifest.sampled_positions),
    jackknife_blocks: JACKKNIFE_BLOCKS,
  }
}

async function countDistinctTokens(parts: readonly OpenedHarvest[], vocabularySize: number): Promise<number> {
  const isSeen = new Uint8Array(vocabularySize)
  for (const part of parts) {
    const { occurrences } = await readCorpusActivity(part)
    for (const [token, count] of occurrences.entries()) if (count > 0) isSeen[token] = 1
  }
  return isSeen.reduce((sum, seen) => sum + seen, 0)
}
