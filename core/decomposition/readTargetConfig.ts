import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import { type ConfigText, parseConfig, parseConfigText } from './parseConfigText.ts'
import type { Architecture, TargetModel } from './TargetModel.ts'

/** A target model's config.json (or model_config.yaml) in one vocabulary for all architectures. */
export interface TargetConfig
  extends Pick<
    TargetModel,
    'architecture' | 'vocabularySize' | 'contextLength' | 'width' | 'attention' | 'normalisation' | 'activation'
  > {
  readonly blockCount: number
  readonly mlpWidth: number
  /** One matrix for queries, keys and values. */
  readonly isAttentionFused: boolean
  readonly hasAttentionBias: boolean
  readonly hasMlpBias: boolean
  /** Unembedding and token embedding are one matrix. */
  readonly isTied: boolean
}

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0))
const rope = v.object({
  rope_theta: v.optional(positive),
  rope_type: v.optional(v.literal('default')),
  /** The word of transformers 4 for rope_type. */
  type: v.optional(v.literal('default')),
  partial_rotary_factor: v.optional(v.literal(1)),
})

/** Where config.json may lack a word, the value is that of transformers' LlamaConfig. */
const llamaSchema = v.object({
  model_type: v.optional(v.literal('llama'), 'llama'),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: v.nullish(size),
  head_dim: v.nullish(size),
  hidden_act: v.literal('silu'),
  max_position_embeddings: size,
  rms_norm_eps: positive,
  rope_theta: v.optional(positive, 10_000),
  rope_scaling: v.nullish(rope),
  rope_parameters: v.nullish(rope),
  attention_bias: v.optional(v.boolean(), false),
  mlp_bias: v.optional(v.boolean(), false),
  tie_word_embeddings: v.optional(v.boolean(), false),
})

/** Where config.json may lack a word, the value is that of transformers' GPT2Config. */
const gpt2Schema = v.object({
  model_type: v.optional(v.literal('gpt2'), 'gpt2'),
  vocab_size: size,
  n_positions: size,
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_inner: v.nullish(size),
  /** Two names of the tanh form. */
  activation_function: v.picklist(['gelu_new', 'gelu_pytorch_tanh']),
  layer_norm_epsilon: positive,
  scale_attn_weights: v.optional(v.literal(true), true),
  scale_attn_by_inverse_layer_idx: v.optional(v.literal(false), false),
  add_cross_attention: v.optional(v.literal(false), false),
  tie_word_embeddings: v.optional(v.boolean(), true),
})

const simpleSizes = { block_size: size, vocab_size: size, n_layer: size, n_head: size, n_embd: size }
const llamaSimpleSchema = v.object({
  ...simpleSizes,
  model_type: v.picklist(['LlamaSimple', 'LlamaSimpleMLP']),
  n_intermediate: size,
  mlp_bias: v.boolean(),
  attn_bias: v.boolean(),
  rotary_adjacent_pairs: v.boolean(),
  rotary_base: positive,
  n_ctx: size,
  n_key_value_heads: size,
  use_grouped_query_attention: v.boolean(),
  /** Written since the models took it from their config; 1e-6 before. */
  rms_norm_eps: v.optional(positive, 1e-6),
})
const gpt2SimpleSchema = v.object({ ...simpleSizes, model_type: v.literal('GPT2Simple') })

/** Reads the config of a target model of the given architecture; what it cannot compute is refused by name. */
export function readTargetConfig(text: ConfigText, architecture: Architecture): TargetConfig {
  const config = readByArchitecture(parseConfigText(text), architecture, text.name)
  const { headCount, keyValueHeadCount, headWidth, rotary } = config.attention
  const refuse = (finding: string): never => {
    throw new AtlasError('config/invalid', `${text.name}: ${finding}`)
  }
  if (!Number.isInteger(headWidth)) refuse(`width ${config.width} is not a multiple of ${headCount} heads`)
  if (!Number.isInteger(headCount / keyValueHeadCount)) {
    refuse(`${headCount} heads are not a multiple of ${keyValueHeadCount} key/value heads`)
  }
  if (rotary !== null && headWidth % 2 === 1)
    refuse(`head width ${headWidth} is odd, expected even for rotary positions`)
  return config
}

function readByArchitecture(config: unknown, architecture: Architecture, place: string): TargetConfig {
  switch (architecture) {
    case 'LlamaForCausalLM':
      return llama(parseConfig(llamaSchema, config, place))
    case 'GPT2LMHeadModel':
      return gpt2(parseConfig(gpt2Schema, config, place))
    case 'GPT2Simple':
      return gpt2Simple(parseConfig(gpt2SimpleSchema, config, place))
    case 'LlamaSimple':
    case 'LlamaSimpleMLP':
      return llamaSimple(parseConfig(llamaSimpleSchema, config, place), architecture, place)
  }
}

function llama(config: v.InferOutput<typeof llamaSchema>): TargetConfig {
  return {
    architecture: 'LlamaForCausalLM',
    vocabularySize: config.vocab_size,
    contextLength: config.max_position_embeddings,
    width: config.hidden_size,
    blockCount: config.num_hidden_layers,
    mlpWidth: config.intermediate_size,
    attention: {
      headCount: config.num_attention_heads,
      keyValueHeadCount: config.num_key_value_heads ?? config.num_attention_heads,
      headWidth: config.head_dim ?? config.hidden_size / config.num_attention_heads,
      rotary: { base: config.rope_parameters?.rope_theta ?? config.rope_theta, pairs: 'halves' },
    },
    normalisation: { kind: 'rms', epsilon: config.rms_norm_eps },
    activation: 'silu',
    isAttentionFused: false,
    hasAttentionBias: config.attention_bias,
    hasMlpBias: config.mlp_bias,
    isTied: config.tie_word_embeddings,
  }
}

function gpt2(config: v.InferOutput<typeof gpt2Schema>): TargetConfig {
  return {
    architecture: 'GPT2LMHeadModel',
    vocabularySize: config.vocab_size,
    contextLength: config.n_positions,
    width: config.n_embd,
    blockCount: config.n_layer,
    mlpWidth: config.n_inner ?? 4 * config.n_embd,
    attention: plainHeads(config.n_head, config.n_embd),
    normalisation: { kind: 'layer', epsilon: config.layer_norm_epsilon },
    activation: 'gelu_tanh',
    isAttentionFused: true,
    hasAttentionBias: true,
    hasMlpBias: true,
    isTied: config.tie_word_embeddings,
  }
}

function gpt2Simple(config: v.InferOutput<typeof gpt2SimpleSchema>): TargetConfig {
  return {
    architecture: 'GPT2Simple',
    vocabularySize: config.vocab_size,
    contextLength: config.block_size,
    width: config.n_embd,
    blockCount: config.n_layer,
    mlpWidth: 4 * config.n_embd,
    attention: plainHeads(config.n_head, config.n_embd),
    normalisation: { kind: 'layer', epsilon: 1e-5 },
    activation: 'gelu_tanh',
    isAttentionFused: false,
    hasAttentionBias: true,
    hasMlpBias: true,
    isTied: true,
  }
}

const plainHeads = (headCount: number, width: number): TargetConfig['attention'] => ({
  headCount,
  keyValueHeadCount: headCount,
  headWidth: width / headCount,
  rotary: null,
})

/** The rotary width is the head width whatever `rotary_dim` says; positions from `n_ctx` on would all be n_ctx − 1. */
function llamaSimple(
  config: v.InferOutput<typeof llamaSimpleSchema>,
  architecture: 'LlamaSimple' | 'LlamaSimpleMLP',
  place: string,
): TargetConfig {
  if (config.model_type !== architecture) {
    throw new AtlasError(
      'config/unsupported',
      `${place}: model_type is "${config.model_type}", expected "${architecture}"`,
    )
  }
  if (config.n_ctx < config.block_size) {
    throw new AtlasError(
      'config/unsupported',
      `${place}: n_ctx is ${config.n_ctx}, expected at least block_size ${config.block_size}`,
    )
  }
  const isGrouped = config.use_grouped_query_attention
  return {
    architecture,
    vocabularySize: config.vocab_size,
    contextLength: config.block_size,
    width: config.n_embd,
    blockCount: config.n_layer,
    mlpWidth: config.n_intermediate,
    attention: {
      headCount: config.n_head,
      keyValueHeadCount: isGrouped ? config.n_key_value_heads : config.n_head,
      headWidth: config.n_embd / config.n_head,
      rotary: { base: config.rotary_base, pairs: config.rotary_adjacent_pairs ? 'adjacent' : 'halves' },
    },
    normalisation: { kind: 'rms', epsilon: config.rms_norm_eps },
    activation: architecture === 'LlamaSimple' ? 'silu' : 'gelu_tanh',
    isAttentionFused: !isGrouped,
    hasAttentionBias: config.attn_bias,
    hasMlpBias: config.mlp_bias,
    isTied: true,
  }
}
