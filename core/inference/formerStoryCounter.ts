import { invariant } from '../errors/invariant.ts'
import type { InferenceSession } from '../graph/InferenceSession.ts'
import { causalImportancePort, IDS, innerActivationPort } from '../graph/ports.ts'
import { countTokens, createModuleCounter } from '../statistics/addStoryActivity.ts'
import type { Activity } from '../statistics/formerActivity.ts'
import { floatOutput } from './floatOutput.ts'
import { storyIds } from './storyIds.ts'

/** The causal importances, float32[T, C], of the inner activations of T positions of one module. */
export type EvaluateCi = (innerActivations: Float32Array, T: number) => Float32Array

/** Runs stories of a corpus, one at a time, and adds what fires to an activity. */
export interface StoryCounter {
  /** Story `story` of the corpus, whole, from position 0. */
  add(story: number, ids: readonly number[]): Promise<void>
}

/**
 * A counter that runs `session`, a session on `observe`, and adds to `activity`. `evaluate` gives each module's causal
 * importances from its inner activations; null takes those the graph computes.
 */
export function createStoryCounter(
  session: InferenceSession,
  activity: Activity,
  model: { readonly vocabulary_size: number; readonly context_length: number },
  evaluate: readonly EvaluateCi[] | null,
): StoryCounter {
  const modules = activity.settings.modules.map(({ path, C }, i) => {
    const evaluateModule = evaluate?.[i] ?? null
    invariant(evaluate === null || evaluateModule !== null, `no CI function of ${path}`)
    return { path, C, count: createModuleCounter(activity, i), evaluateModule }
  })
  return {
    add: async (story, ids) => {
      const outputs = await session.run({ [IDS]: storyIds(ids, model) })
      countTokens(activity, ids)
      for (const { path, C, count, evaluateModule } of modules) {
        const innerActivations = floatOutput(outputs, innerActivationPort(path))
        invariant(innerActivations.length === ids.length * C, `${path}: ${innerActivations.length} inner activations`)
        const causalImportances =
          evaluateModule === null
            ? floatOutput(outputs, causalImportancePort(path))
            : evaluateModule(innerActivations, ids.length)
        count({ story, ids, innerActivations, causalImportances })
      }
    },
  }
}

/** Outputs of `observe` that a counter reads: where it evaluates the causal importances itself, only the inner activations. */
export function counterOutputs(modulePaths: readonly string[], evaluatesCi: boolean): string[] {
  const inner = modulePaths.map(innerActivationPort)
  return evaluatesCi ? inner : [...inner, ...modulePaths.map(causalImportancePort)]
}
