import { invariant } from '../errors/invariant.ts'
import type { GraphTensor, InferenceSession } from '../graph/InferenceSession.ts'
import { DELTA, IDS, LOGITS, maskPort } from '../graph/ports.ts'
import { floatOutput } from '../inference/floatOutput.ts'
import { klDivergence } from '../inference/logProbabilities.ts'
import type { SparseCi } from '../inference/SparseCi.ts'
import { storyIds } from '../inference/storyIds.ts'
import type { CiReader } from './CiReader.ts'

/** The unmasked target model, and the same with some modules masked. */
export interface MaskedPair {
  /** On `observe`, with the logits and what `modules` read. */
  readonly observe: InferenceSession
  /** On `intervene`, with the masks of `modules`. */
  readonly intervene: InferenceSession
  readonly modules: readonly CiReader[]
  readonly model: { readonly vocabulary_size: number; readonly context_length: number }
}

/** One story, CI-masked. */
export interface CiMaskedStory {
  /** Σ over positions of KL(target ‖ masked), in nats. */
  readonly klSum: number
  /** Causal importances in the order of `modules`, the readers' own until the next story. */
  readonly importances: readonly SparseCi[]
}

/** Masks the modules of `pair` by their causal importances in the unmasked target model: m = g, δ = 0. */
export async function measureCiMasked(pair: MaskedPair, ids: readonly number[]): Promise<CiMaskedStory> {
  const { observe, intervene, modules, model } = pair
  const story = { [IDS]: storyIds(ids, model) }
  const observed = await observe.run(story)
  const importances = modules.map((module) => module.read(observed, ids.length))
  const masks = modules.map((module, i) => {
    const importance = importances[i]
    invariant(importance !== undefined, `${module.modulePath} has causal importances`)
    return [maskPort(module.modulePath), maskOf(importance, module.columnCount)] as const
  })
  const delta: GraphTensor = { type: 'float32', data: Float32Array.of(0), dims: [] }
  const masked = await intervene.run({ ...story, [DELTA]: delta, ...Object.fromEntries(masks) })
  const kl = klDivergence(floatOutput(observed, LOGITS), floatOutput(masked, LOGITS), model.vocabulary_size)
  return { klSum: kl.reduce((sum, divergence) => sum + divergence, 0), importances }
}

function maskOf({ rowCount, rowStarts, columns, causalImportances }: SparseCi, columnCount: number): GraphTensor {
  const data = new Float32Array(rowCount * columnCount)
  for (let row = 0; row < rowCount; row++) {
    const end = rowStarts[row + 1] ?? 0
    for (let i = rowStarts[row] ?? 0; i < end; i++) {
      data[row * columnCount + (columns[i] ?? 0)] = causalImportances[i] ?? 0
    }
  }
  return { type: 'float32', data, dims: [1, rowCount, columnCount] }
}
