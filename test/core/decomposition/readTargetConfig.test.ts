import { describe, expect, test } from 'vitest'
import { readTargetConfig, type TargetConfig } from '../../../core/decomposition/readTargetConfig.ts'
import type { Architecture } from '../../../core/decomposition/TargetModel.ts'

const llama = {
  model_type: 'llama',
  vocab_size: 153,
  hidden_size: 32,
  intermediate_size: 44,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  hidden_act: 'silu',
  max_position_embeddings: 64,
  rms_norm_eps: 1e-6,
}
const gpt2 = {
  vocab_size: 153,
  n_positions: 64,
  n_embd: 24,
  n_layer: 2,
  n_head: 2,
  activation_function: 'gelu_new',
  layer_norm_epsilon: 1e-5,
}
const simple = {
  model_type: 'LlamaSimple',
  block_size: 64,
  n_ctx: 64,
  vocab_size: 153,
  n_layer: 2,
  n_head: 4,
  n_embd: 32,
  n_intermediate: 40,
  mlp_bias: true,
  attn_bias: false,
  rotary_adjacent_pairs: true,
  rotary_base: 10000,
  rotary_dim: 4,
  n_key_value_heads: 2,
  use_grouped_query_attention: true,
}
const read = (config: object, architecture: Architecture): TargetConfig =>
  readTargetConfig({ name: 'config.json', text: JSON.stringify(config) }, architecture)

describe('a LlamaForCausalLM config', () => {
  const rotaryBase = (words: object): number | undefined =>
    read({ ...llama, ...words }, 'LlamaForCausalLM').attention.rotary?.base

  test('says the rotary base in words of transformers 4 and 5, or not at all', () => {
    expect(rotaryBase({ rope_theta: 5000 })).toBe(5000)
    expect(rotaryBase({ rope_parameters: { rope_theta: 7000, rope_type: 'default' } })).toBe(7000)
    expect(rotaryBase({ rope_theta: 5000, rope_scaling: null })).toBe(5000)
    expect(rotaryBase({})).toBe(10000)
  })

  test('may lack what follows from the rest', () => {
    const { num_key_value_heads: _, ...rest } = llama
    expect(read(rest, 'LlamaForCausalLM')).toMatchObject({
      attention: { headCount: 4, keyValueHeadCount: 4, headWidth: 8 },
      hasAttentionBias: false,
      hasMlpBias: false,
      isTied: false,
    })
  })

  test('may give a head width of its own, biases and a tie', () => {
    const words = { head_dim: 10, attention_bias: true, mlp_bias: true, tie_word_embeddings: true }
    expect(read({ ...llama, ...words }, 'LlamaForCausalLM')).toMatchObject({
      attention: { headWidth: 10 },
      hasAttentionBias: true,
      hasMlpBias: true,
      isTied: true,
    })
  })

  test.each([
    ['an unknown activation', { hidden_act: 'gelu' }, 'config/unsupported', 'hidden_act is "gelu", expected "silu"'],
    [
      'an unknown rope type',
      { rope_parameters: { rope_theta: 1e4, rope_type: 'llama3' } },
      'config/unsupported',
      'rope_parameters.rope_type is "llama3", expected "default"',
    ],
    [
      'an unknown rope type in words of transformers 4',
      { rope_scaling: { type: 'linear', factor: 2 } },
      'config/unsupported',
      'rope_scaling.type is "linear", expected "default"',
    ],
    [
      'a partial rotary',
      { rope_parameters: { rope_theta: 1e4, partial_rotary_factor: 0.5 } },
      'config/unsupported',
      'rope_parameters.partial_rotary_factor is 0.5, expected 1',
    ],
    ['another model', { model_type: 'mistral' }, 'config/unsupported', 'model_type is "mistral", expected "llama"'],
    [
      'heads that do not divide the width',
      { num_attention_heads: 5, num_key_value_heads: 5 },
      'config/invalid',
      'width 32 is not a multiple of 5 heads',
    ],
    [
      'heads that do not divide',
      { num_key_value_heads: 3 },
      'config/invalid',
      '4 heads are not a multiple of 3 key/value heads',
    ],
    ['an odd head width', { head_dim: 7 }, 'config/invalid', 'head width 7 is odd, expected even for rotary positions'],
    ['a missing size', { vocab_size: undefined }, 'config/invalid', 'vocab_size is missing'],
    ['an epsilon of 0', { rms_norm_eps: 0 }, 'config/invalid', 'rms_norm_eps is 0, expected >0'],
  ])('with %s is refused', (_, words, code, message) => {
    expect(() => read({ ...llama, ...words }, 'LlamaForCausalLM')).toThrow(
      expect.objectContaining({ code, message: `config.json: ${message}` }),
    )
  })
})

describe('a GPT2LMHeadModel config', () => {
  test('has an MLP of four widths and tied embeddings unless it says otherwise', () => {
    expect(read(gpt2, 'GPT2LMHeadModel')).toMatchObject({ mlpWidth: 96, isTied: true, isAttentionFused: true })
    expect(read({ ...gpt2, n_inner: 50, tie_word_embeddings: false }, 'GPT2LMHeadModel')).toMatchObject({
      mlpWidth: 50,
      isTied: false,
    })
  })

  test.each([
    [{ activation_function: 'gelu' }, 'activation_function is "gelu", expected ("gelu_new" | "gelu_pytorch_tanh")'],
    [{ scale_attn_weights: false }, 'scale_attn_weights is false, expected true'],
    [{ scale_attn_by_inverse_layer_idx: true }, 'scale_attn_by_inverse_layer_idx is true, expected false'],
    [{ add_cross_attention: true }, 'add_cross_attention is true, expected false'],
  ])('with %j is refused', (words, message) => {
    expect(() => read({ ...gpt2, ...words }, 'GPT2LMHeadModel')).toThrow(
      expect.objectContaining({ code: 'config/unsupported', message: `config.json: ${message}` }),
    )
  })
})

describe('a config of the spd package’s own models', () => {
  test('rotates the whole head whatever rotary_dim says', () => {
    expect(read(simple, 'LlamaSimple')).toMatchObject({
      attention: { headCount: 4, keyValueHeadCount: 2, headWidth: 8, rotary: { base: 10000, pairs: 'adjacent' } },
      normalisation: { kind: 'rms', epsilon: 1e-6 },
      activation: 'silu',
      isAttentionFused: false,
      hasAttentionBias: false,
      hasMlpBias: true,
      isTied: true,
    })
  })

  test('without grouped queries has one matrix and as many key heads as heads', () => {
    expect(read({ ...simple, use_grouped_query_attention: false }, 'LlamaSimple')).toMatchObject({
      attention: { keyValueHeadCount: 4 },
      isAttentionFused: true,
    })
  })

  test('of LlamaSimpleMLP has a tanh GELU', () => {
    const config = { ...simple, model_type: 'LlamaSimpleMLP', rms_norm_eps: 1e-5 }
    expect(read(config, 'LlamaSimpleMLP')).toMatchObject({
      activation: 'gelu_tanh',
      normalisation: { kind: 'rms', epsilon: 1e-5 },
    })
  })

  test('is read from YAML too', () => {
    const text = 'model_type: GPT2Simple\nblock_size: 64\nvocab_size: 153\nn_layer: 2\nn_head: 2\nn_embd: 24\n'
    expect(readTargetConfig({ name: 'model_config.yaml', text }, 'GPT2Simple')).toMatchObject({
      width: 24,
      mlpWidth: 96,
      attention: { rotary: null },
      normalisation: { kind: 'layer', epsilon: 1e-5 },
    })
  })

  test('of another class than the run’s is refused', () => {
    expect(() => read(simple, 'LlamaSimpleMLP')).toThrow(
      'config.json: model_type is "LlamaSimple", expected "LlamaSimpleMLP"',
    )
  })

  test('whose positions end before its context is refused', () => {
    expect(() => read({ ...simple, n_ctx: 32 }, 'LlamaSimple')).toThrow(
      'config.json: n_ctx is 32, expected at least block_size 64',
    )
  })
})
