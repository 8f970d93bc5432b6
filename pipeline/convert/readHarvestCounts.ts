import { readModuleActivity } from '../../core/bundle/readHarvest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { openHarvest } from '../harvest/harvestFolder.ts'
import type { ActivationCounts } from './keepActive.ts'

/** Activation counts by the harvest in `folder`, one module in memory at a time. */
export async function readHarvestCounts(folder: string): Promise<ActivationCounts> {
  const harvest = await openHarvest(folder)
  const { corpus, settings } = harvest.manifest
  if (corpus === null) throw new AtlasError('arguments/invalid', `${folder}: part of a harvest, expected all of it`)
  const level = settings.levels.indexOf(settings.threshold)
  const modules: ActivationCounts['modules'][number][] = []
  for (const [i, { path, c: C }] of harvest.manifest.modules.entries()) {
    const { binCounts } = await readModuleActivity(harvest, i)
    const G = settings.levels.length
    // Bin b, at b − 1, exceeds b levels.
    const counts = Array.from({ length: C }, (_, c) =>
      binCounts.subarray(c * G + level, (c + 1) * G).reduce((sum, count) => sum + count, 0),
    )
    modules.push({ path, counts })
  }
  const { threshold, positions, stories } = corpus
  return {
    checkpointSha256: harvest.manifest.checkpoint_sha256,
    modules,
    prunedBy: { source: 'harvest', threshold, positions, stories },
  }
}
