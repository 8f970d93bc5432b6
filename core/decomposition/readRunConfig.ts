import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import { currentWords } from './currentWords.ts'
import type { RunDescription } from './Decomposition.ts'
import { type ConfigText, parseConfig, parseConfigText } from './parseConfigText.ts'
import type { Architecture } from './TargetModel.ts'

export interface RunConfig {
  readonly run: RunDescription
  readonly architecture: Architecture
  readonly patterns: readonly ModulePattern[]
}

/** Which modules are decomposed, and into how many subcomponents. */
export interface ModulePattern {
  /** In the manner of Python's fnmatch. */
  readonly pattern: string
  readonly C: number
  /** Whether it names identities to insert, `<path>.pre_identity`. */
  readonly isIdentity: boolean
}

const ARCHITECTURES = {
  'transformers.LlamaForCausalLM': 'LlamaForCausalLM',
  'transformers.GPT2LMHeadModel': 'GPT2LMHeadModel',
  'spd.pretrain.models.llama_simple.LlamaSimple': 'LlamaSimple',
  'spd.pretrain.models.llama_simple_mlp.LlamaSimpleMLP': 'LlamaSimpleMLP',
  'spd.pretrain.models.gpt2_simple.GPT2Simple': 'GPT2Simple',
} as const satisfies Record<string, Architecture>

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const moduleInfo = v.array(v.object({ module_pattern: v.pipe(v.string(), v.maxLength(500)), C: positive }))

const runConfigSchema = v.object({
  ci_config: v.object({
    mode: v.literal('layerwise'),
    fn_type: v.picklist(['mlp', 'vector_mlp', 'shared_mlp']),
    hidden_dims: v.array(positive),
  }),
  sigmoid_type: v.picklist(['leaky_hard', 'hard', 'upper_leaky_hard', 'normal', 'swish_hard']),
  /** Runs from before the word existed sampled continuously. */
  sampling: v.optional(v.picklist(['continuous', 'binomial']), 'continuous'),
  /** Runs from before September 2025 have no delta component. */
  use_delta_component: v.optional(v.boolean(), false),
  module_info: moduleInfo,
  identity_module_info: v.nullish(moduleInfo),
  pretrained_model_class: v.string(),
  pretrained_model_name: v.nullish(v.string()),
  steps: v.optional(count),
  task_config: v.optional(v.object({ max_seq_len: v.nullish(positive) })),
})

/** What a run's final_config.yaml says, in words old or current; the step is that of the checkpoint's name, else the last. */
export function readRunConfig(config: ConfigText, checkpointName: string): RunConfig {
  const words = parseConfig(runConfigSchema, currentWords(parseConfigText(config), config.name), config.name)
  return {
    architecture: readArchitecture(words.pretrained_model_class, config.name),
    patterns: [
      ...words.module_info.map(({ module_pattern, C }) => ({ pattern: module_pattern, C, isIdentity: false })),
      ...(words.identity_module_info ?? []).map(({ module_pattern, C }) => ({
        pattern: `${module_pattern}.pre_identity`,
        C,
        isIdentity: true,
      })),
    ],
    run: {
      step: readStep(checkpointName, words.steps, config.name),
      ciKind: words.ci_config.fn_type,
      ciHidden: words.ci_config.hidden_dims,
      sigmoidType: words.sigmoid_type,
      sampling: words.sampling,
      useDeltaComponent: words.use_delta_component,
      trainedLength: words.task_config?.max_seq_len ?? null,
      targetName: words.pretrained_model_name ?? null,
    },
  }
}

function readArchitecture(className: string, place: string): Architecture {
  const found = Object.entries(ARCHITECTURES).find(([name]) => name === className)
  if (found !== undefined) return found[1]
  throw new AtlasError(
    'config/unsupported',
    `${place}: pretrained_model_class is "${className}", expected one of ${Object.keys(ARCHITECTURES).join(', ')}`,
  )
}

function readStep(checkpointName: string, steps: number | undefined, place: string): number {
  const digits = /model_(\d{1,12})\.\w+$/.exec(checkpointName)?.[1]
  const step = digits === undefined ? steps : Number(digits)
  if (step !== undefined) return step
  throw new AtlasError('config/invalid', `${place}: steps is missing, and ${checkpointName} is not named model_<step>`)
}
