import type { Manifest } from '../../core/bundle/manifest.ts'
import {
  type OpenedHarvest,
  readCorpusActivity,
  readHarvestedModule,
  readHarvestStories,
} from '../../core/bundle/readHarvest.ts'
import type { SourceActivity } from '../../core/bundle/writing/IndexSource.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { countsAtLevel } from '../../core/statistics/countsAtLevel.ts'
import type { IndexInput } from '../IndexInput.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { readBundleSource } from '../node/readBundleSource.ts'
import { assertHarvestWhole, openHarvest } from './harvestFolder.ts'
import { readSample } from './readSample.ts'

/** Opens the harvest in `folder` for the index of `bundle`; each module is read when its turn comes. */
export async function openHarvestInput(bundle: BundleFolder, folder: string): Promise<IndexInput> {
  const harvest = await openHarvest(folder)
  assertOwnHarvest(bundle.manifest, harvest, folder)
  const { corpus, settings, example_stories } = harvest.manifest
  if (corpus === null) {
    throw new AtlasError(
      'arguments/invalid',
      `${folder}: part of a harvest, expected all of it, as \`merge\` writes it`,
    )
  }
  await assertHarvestWhole(harvest)
  const { tokens, modules } = await readBundleSource(bundle)
  const counted = await readCorpusActivity(harvest)
  const sample = await readSample(harvest)
  return {
    corpus,
    source: {
      positionCount: corpus.positions,
      threshold: settings.threshold,
      levels: settings.levels,
      tokens,
      occurrences: counted.occurrences,
      ...(settings.categories > 0 ? { categoryCounts: counted.categoryCounts } : {}),
      storiesByPosition: counted.storiesByPosition,
      blockPositions: counted.blockPositions,
      ...(sample === null ? {} : { sample }),
      stories: await readHarvestStories(harvest),
      exampleStories: example_stories,
      windowRadius: settings.window_radius,
      modules: modules.map((module, i) => ({ ...module, readActivity: () => readActivity(harvest, i) })),
    },
    close: async () => undefined,
  }
}

async function readActivity(harvest: OpenedHarvest, index: number): Promise<SourceActivity> {
  const { activity, counts } = await readHarvestedModule(harvest, index)
  const { levels, threshold } = harvest.manifest.settings
  return {
    tokenCounts: countsAtLevel(counts, levels.indexOf(threshold)).tokenCounts,
    ciSums: activity.ciSums,
    examples: activity.sampled,
    firingCounts: counts,
    blockCounts: activity.blockCounts,
    histograms: {
      ci: activity.ciHistogram,
      activation: activity.activationHistogram,
      sampledActivation: activity.sampledActivationHistogram,
    },
    strongest: activity.strongest,
    l0ByPosition: activity.l0ByPosition,
  }
}

/** Refuses a harvest of another run. */
function assertOwnHarvest(manifest: Manifest, { manifest: harvest }: OpenedHarvest, place: string): void {
  const found = harvest.checkpoint_sha256
  const expected = manifest.run.checkpoint.sha256
  if (found !== expected) {
    throw new AtlasError('arguments/invalid', `${place}: harvest of checkpoint ${found}, the bundle has ${expected}`)
  }
  const shape = (modules: readonly { readonly path: string; readonly c: number }[]): string =>
    modules.map(({ path, c }) => `${path} ${c}`).join(', ')
  if (shape(harvest.modules) !== shape(manifest.modules)) {
    throw new AtlasError(
      'arguments/invalid',
      `${place}: harvest of modules ${shape(harvest.modules)}, the bundle has ${shape(manifest.modules)}`,
    )
  }
}
