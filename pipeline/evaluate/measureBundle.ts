import { readKept } from '../../core/bundle/keptSubcomponents.ts'
import type { Evaluation, ManifestModule } from '../../core/bundle/manifest.ts'
import { invariant } from '../../core/errors/invariant.ts'
import { addCiError, type CiErrorSums, createCiErrorSums, summariseCiError } from '../../core/evaluation/CiError.ts'
import { measureCiMasked } from '../../core/evaluation/measureCiMasked.ts'
import { IDS } from '../../core/graph/ports.ts'
import type { SparseCi } from '../../core/inference/SparseCi.ts'
import { sparseOf } from '../../core/inference/sparseOf.ts'
import { storyIds } from '../../core/inference/storyIds.ts'
import { type EvaluatedBundle, openCiSource, openMaskedPair } from './openMaskedPair.ts'

/** Stories to measure on, and who is told of every pass of every story. */
export interface Meter {
  /** Token ids, at most the context's length. */
  readonly stories: readonly (readonly number[])[]
  readonly onPositions: (count: number) => void
}

type Measured = Pick<Evaluation, 'ci_error' | 'ci_masked_kl' | 'module_ci_masked_kl'>

/** Passes over the stories that `measureBundle` makes: one a module, one with all modules masked. */
export const passCount = (moduleCount: number): number => moduleCount + 1

/**
 * CI-masked KL of every module alone and of all, in nats a position, and the error of CI against `reference`. The weights
 * of one module are in memory at a time, those of all in the last pass; of activations, those of one story.
 */
export async function measureBundle(
  evaluated: EvaluatedBundle,
  reference: EvaluatedBundle | null,
  meter: Meter,
): Promise<Measured> {
  const sums = createCiErrorSums()
  const byModule: number[] = []
  for (const module of evaluated.bundle.manifest.modules) {
    const comparison = reference === null ? null : await openComparison(reference, module, sums)
    byModule.push(await measurePass(evaluated, module, meter, comparison))
    await comparison?.close()
  }
  const ofAll = await measurePass(evaluated, null, meter, null)
  const ciError = reference === null ? null : summariseCiError(sums)
  return { ci_error: ciError, ci_masked_kl: ofAll, module_ci_masked_kl: byModule }
}

/** Mean KL(target ‖ masked) over all positions, with `module` masked or all where it is null. */
async function measurePass(
  evaluated: EvaluatedBundle,
  module: ManifestModule | null,
  { stories, onPositions }: Meter,
  comparison: Comparison | null,
): Promise<number> {
  const pair = await openMaskedPair(evaluated, module)
  let sum = 0
  let positions = 0
  for (const ids of stories) {
    const { klSum, importances } = await measureCiMasked(pair, ids)
    sum += klSum
    positions += ids.length
    // Where the graphs hold nothing of a module nobody reads it: every causal importance is 0.
    await comparison?.add(importances[0] ?? sparseOf(new Float32Array(0), ids.length, 0), ids)
    onPositions(ids.length)
  }
  await pair.observe.close()
  await pair.intervene.close()
  invariant(positions > 0, 'evaluation without a position')
  return sum / positions
}

interface Comparison {
  /** Adds a story's causal importances. */
  add(found: SparseCi, ids: readonly number[]): Promise<void>
  close(): Promise<void>
}

async function openComparison(
  reference: EvaluatedBundle,
  module: ManifestModule,
  sums: CiErrorSums,
): Promise<Comparison> {
  const { threshold, bundle } = reference
  const { session, reader } = await openCiSource(reference, { ...module, kept: null })
  const kept = module.kept === null ? null : readKept(module).subcomponents
  return {
    add: async (found, ids) => {
      const outputs = await session.run({ [IDS]: storyIds(ids, bundle.manifest.target_model) })
      const expected = reader.read(outputs, ids.length)
      addCiError(sums, { found, reference: expected, C: module.c, kept, threshold })
    },
    close: () => session.close(),
  }
}
