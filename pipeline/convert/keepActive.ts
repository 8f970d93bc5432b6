import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PrunedBy } from '../../core/bundle/manifest.ts'
import type { Pruning } from '../../core/bundle/writeModelBundle.ts'
import type { Decomposition } from '../../core/decomposition/Decomposition.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { readHarvestCounts } from './readHarvestCounts.ts'
import { readIndexCounts } from './readIndexCounts.ts'

/** How often each subcomponent of a run was found to fire. */
export interface ActivationCounts {
  /** Of the checkpoint the counts are of. */
  readonly checkpointSha256: string
  readonly modules: readonly {
    readonly path: string
    /** One number a subcomponent: positions where it was active. */
    readonly counts: ArrayLike<number>
  }[]
  readonly prunedBy: PrunedBy
}

/**
 * The subcomponents that fired at least once by the index of the bundle, or by the harvest, in `folder`. Refuses a
 * folder that is neither, and counts of another checkpoint or of other modules (arguments/invalid).
 */
export async function keepActive(
  folder: string,
  decomposition: Decomposition,
  checkpointSha256: string,
): Promise<Pruning> {
  const found = await readCounts(folder)
  const refuse = (finding: string): never => {
    throw new AtlasError('arguments/invalid', `--keep-active ${folder}: ${finding}`)
  }
  if (found.checkpointSha256 !== checkpointSha256) {
    refuse(`of checkpoint ${found.checkpointSha256}, the one to convert is ${checkpointSha256}`)
  }
  const shape = (modules: readonly (readonly [string, number])[]): string =>
    modules.map(([path, C]) => `${path} ${C}`).join(', ')
  const [has, expected] = [
    shape(found.modules.map(({ path, counts }) => [path, counts.length])),
    shape(decomposition.modules.map(({ path, C }) => [path, C])),
  ]
  if (has !== expected) refuse(`of modules ${has}, the checkpoint has ${expected}`)
  const kept = found.modules.map(({ counts }) =>
    Uint32Array.from(Array.from({ length: counts.length }, (_, c) => c).filter((c) => (counts[c] ?? 0) > 0)),
  )
  return { kept, prunedBy: found.prunedBy }
}

async function readCounts(folder: string): Promise<ActivationCounts> {
  if (existsSync(join(folder, 'manifest.json'))) return readIndexCounts(folder)
  if (existsSync(join(folder, 'harvest.json'))) return readHarvestCounts(folder)
  throw new AtlasError(
    'arguments/invalid',
    `--keep-active ${folder}: neither manifest.json nor harvest.json, expected a bundle with an index or a harvest`,
  )
}
