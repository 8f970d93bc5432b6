import { totalCount } from '../../core/statistics/TokenCounts.ts'
import { readHarvest } from '../harvest/harvestFolder.ts'
import type { ActivationCounts } from './keepActive.ts'

/** Activation counts by the harvest in `folder`, one module in memory at a time. */
export async function readHarvestCounts(folder: string): Promise<ActivationCounts> {
  const { manifest, readModule } = await readHarvest(folder)
  const modules: ActivationCounts['modules'][number][] = []
  for (const [i, { path }] of manifest.modules.entries()) {
    const { tokenCounts } = await readModule(i)
    modules.push({ path, counts: tokenCounts.map(totalCount) })
  }
  const { threshold, positions, stories } = manifest.corpus
  return {
    checkpointSha256: manifest.checkpoint_sha256,
    modules,
    prunedBy: { source: 'harvest', threshold, positions, stories },
  }
}
