import type { Manifest } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { IndexInput } from '../IndexInput.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { readBundleSource } from '../node/readBundleSource.ts'
import { type HarvestFolder, readHarvest } from './harvestFolder.ts'

/** Opens the harvest in `folder` for the index of `bundle`; each module is read when its turn comes. */
export async function openHarvestInput(bundle: BundleFolder, folder: string): Promise<IndexInput> {
  const harvest = await readHarvest(folder)
  assertOwnHarvest(bundle.manifest, harvest, folder)
  const { corpus, example_stories, window_radius } = harvest.manifest
  const { tokens, modules } = await readBundleSource(bundle)
  return {
    corpus,
    source: {
      positionCount: corpus.positions,
      tokens,
      occurrences: harvest.occurrences,
      stories: harvest.stories,
      exampleStories: example_stories,
      windowRadius: window_radius,
      modules: modules.map((module, i) => ({ ...module, readActivity: () => harvest.readModule(i) })),
    },
    close: async () => undefined,
  }
}

/** Refuses a harvest of another run. */
function assertOwnHarvest(manifest: Manifest, { manifest: harvest }: HarvestFolder, place: string): void {
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
