import { describe, expect, test } from 'vitest'
import { type RunConfig, readRunConfig } from '../../../core/decomposition/readRunConfig.ts'

const good = `
module_info:
- module_pattern: '*q_proj'
  C: 18
- module_pattern: '*k_proj'
  C: 11
identity_module_info:
- module_pattern: '*q_proj'
  C: 4
ci_config:
  mode: layerwise
  fn_type: vector_mlp
  hidden_dims: [5, 4]
sigmoid_type: leaky_hard
sampling: binomial
use_delta_component: true
pretrained_model_class: transformers.LlamaForCausalLM
pretrained_model_name: some/model
steps: 9000
task_config:
  max_seq_len: 512
loss_metric_configs: [{classname: FaithfulnessLoss}]
`
const read = (text: string, checkpoint = 'model_400.pth'): RunConfig =>
  readRunConfig({ name: 'final_config.yaml', text }, checkpoint)

const currentCi = /ci_config:\n.*\n.*\n.*\n/
const currentModules = /module_info:\n(- .*\n {2}.*\n)+identity_module_info:\n- .*\n {2}.*\n/

test('reads the words of today', () => {
  expect(read(good)).toEqual({
    architecture: 'LlamaForCausalLM',
    patterns: [
      { pattern: '*q_proj', C: 18, isIdentity: false },
      { pattern: '*k_proj', C: 11, isIdentity: false },
      { pattern: '*q_proj.pre_identity', C: 4, isIdentity: true },
    ],
    run: {
      step: 400,
      ciKind: 'vector_mlp',
      ciHidden: [5, 4],
      sigmoidType: 'leaky_hard',
      sampling: 'binomial',
      useDeltaComponent: true,
      trainedLength: 512,
      targetName: 'some/model',
    },
  })
})

test.each([
  ['ci_fn_type', good.replace(currentCi, 'ci_fn_type: vector_mlp\nci_fn_hidden_dims: [5, 4]\n')],
  ['gate_type', good.replace(currentCi, 'gate_type: vector_mlp\ngate_hidden_dims: [5, 4]\n')],
  ['pretrained_model_name_hf', good.replace('pretrained_model_name:', 'pretrained_model_name_hf:')],
])('reads the old word %s as today’s', (word, text) => {
  expect(text).toContain(word)
  expect(read(text)).toEqual(read(good))
})

test('reads one C for all patterns', () => {
  const old = good.replace(
    currentModules,
    "C: 4000\ntarget_module_patterns: ['*q_proj', '*k_proj']\nidentity_module_patterns: ['*v_proj']\n",
  )
  expect(read(old).patterns).toEqual([
    { pattern: '*q_proj', C: 4000, isIdentity: false },
    { pattern: '*k_proj', C: 4000, isIdentity: false },
    { pattern: '*v_proj.pre_identity', C: 4000, isIdentity: true },
  ])
})

test('reads a class by its old place', () => {
  const old = 'simple_stories_train.models.llama_simple_mlp.LlamaSimpleMLP'
  expect(read(good.replace('transformers.LlamaForCausalLM', old)).architecture).toBe('LlamaSimpleMLP')
})

test('takes what a run of early 2025 could not yet say as it was', () => {
  const early = good.replace(/(sampling|use_delta_component|task_config|pretrained_model_name): ?.*\n( {2}.*\n)?/g, '')
  expect(read(early).run).toMatchObject({
    sampling: 'continuous',
    useDeltaComponent: false,
    trainedLength: null,
    targetName: null,
  })
})

test('takes the last step where the checkpoint’s name has none', () => {
  expect(read(good, 'checkpoint.pth').run.step).toBe(9000)
})

describe('refuses', () => {
  test.each([
    [
      'an unknown CI kind',
      good.replace('fn_type: vector_mlp', 'fn_type: transformer'),
      'config/unsupported',
      'ci_config.fn_type is "transformer", expected ("mlp" | "vector_mlp" | "shared_mlp")',
    ],
    [
      'one CI function over all modules',
      good.replace('mode: layerwise', 'mode: global'),
      'config/unsupported',
      'ci_config.mode is "global", expected "layerwise"',
    ],
    [
      'a global CI kind',
      good.replace(currentCi, 'ci_fn_type: global_shared_mlp\nci_fn_hidden_dims: [5]\n'),
      'config/unsupported',
      'ci_config.fn_type is "global_shared_mlp", expected ("mlp" | "vector_mlp" | "shared_mlp")',
    ],
    [
      'an unknown sigmoid type',
      good.replace('leaky_hard', 'tanh'),
      'config/unsupported',
      'sigmoid_type is "tanh", expected ("leaky_hard" | "hard" | "upper_leaky_hard" | "normal" | "swish_hard")',
    ],
    [
      'an unknown sampling',
      good.replace('binomial', 'poisson'),
      'config/unsupported',
      'sampling is "poisson", expected ("continuous" | "binomial")',
    ],
    [
      'a missing sigmoid type',
      good.replace('sigmoid_type: leaky_hard', ''),
      'config/invalid',
      'sigmoid_type is missing',
    ],
    [
      'an unknown class',
      good.replace('transformers.LlamaForCausalLM', 'transformers.MistralForCausalLM'),
      'config/unsupported',
      'pretrained_model_class is "transformers.MistralForCausalLM", expected one of transformers.LlamaForCausalLM, transformers.GPT2LMHeadModel, spd.pretrain.models.llama_simple.LlamaSimple, spd.pretrain.models.llama_simple_mlp.LlamaSimpleMLP, spd.pretrain.models.gpt2_simple.GPT2Simple',
    ],
    ['a C of nothing', good.replace('C: 18', 'C: 0'), 'config/invalid', 'module_info.0.C is 0, expected >=1'],
    [
      'a C that is text',
      good.replace('C: 18', 'C: many'),
      'config/invalid',
      'module_info.0.C is "many", expected number',
    ],
    [
      'a word in both spellings',
      `${good}\ngate_type: mlp\nci_fn_type: mlp\n`,
      'config/invalid',
      'both gate_type and ci_fn_type are given, expected one',
    ],
    [
      'both kinds of patterns',
      `${good}\nC: 3\ntarget_module_patterns: ['*']\n`,
      'config/invalid',
      'both target_module_patterns and module_info are given, expected one',
    ],
    [
      'both kinds of CI config',
      `${good}\nci_fn_type: mlp\n`,
      'config/invalid',
      'both ci_fn_type and ci_config are given, expected one',
    ],
    ['a list', '- 1\n- 2\n', 'config/invalid', 'is no list of words with their values'],
  ])('%s', (_, text, code, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code, message: `final_config.yaml: ${message}` }))
  })

  test('a run without any step', () => {
    expect(() => read(good.replace('steps: 9000', ''), 'last.pth')).toThrow(
      'final_config.yaml: steps is missing, and last.pth is not named model_<step>',
    )
  })
})
