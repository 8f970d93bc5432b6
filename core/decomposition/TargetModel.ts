import type { WeightTensor } from '../bytes/WeightTensor.ts'

export type Architecture = 'LlamaForCausalLM' | 'GPT2LMHeadModel' | 'LlamaSimple' | 'LlamaSimpleMLP' | 'GPT2Simple'

/** A transformer as plain data: the five architectures differ in what stands here, not in code that walks it. */
export interface TargetModel {
  readonly architecture: Architecture
  readonly vocabularySize: number
  /** Longest story, in tokens. */
  readonly contextLength: number
  readonly width: number
  readonly attention: AttentionShape
  readonly normalisation: { readonly kind: 'rms' | 'layer'; readonly epsilon: number }
  /** silu; gelu_tanh is GPT-2's gelu_new. */
  readonly activation: 'silu' | 'gelu_tanh'
  readonly tokenEmbedding: Embedding
  /** Learned positions [contextLength, width]; null where positions are rotary. */
  readonly positionEmbedding: Embedding | null
  readonly blocks: readonly Block[]
  readonly finalNorm: Norm
  /** Residual stream to logits; the embedding's own tensor where tied. */
  readonly unembedding: Linear
}

export interface AttentionShape {
  readonly headCount: number
  /** Divides headCount; smaller for grouped queries. */
  readonly keyValueHeadCount: number
  readonly headWidth: number
  /** halves: component i is rotated with i + headWidth / 2. adjacent: 2i with 2i + 1. */
  readonly rotary: { readonly base: number; readonly pairs: 'halves' | 'adjacent' } | null
}

export interface Embedding {
  readonly path: string
  /** float32[rows, width] */
  readonly weight: WeightTensor
}

/** y = x Wᵀ + bias. */
export interface Linear {
  readonly path: string
  readonly dIn: number
  readonly dOut: number
  /** float32[d_out, d_in], or float32[d_in, d_out] where `storedTransposed` (GPT-2's Conv1D). */
  readonly weight: WeightTensor
  readonly storedTransposed: boolean
  readonly bias: WeightTensor | null
}

export interface Norm {
  readonly path: string
  readonly weight: WeightTensor
  readonly bias: WeightTensor | null
}

export interface Block {
  readonly layer: number
  readonly attentionNorm: Norm
  readonly attention: SeparateAttention | FusedAttention
  readonly mlpNorm: Norm
  readonly mlp: GatedMlp | PlainMlp
}

export interface SeparateAttention {
  readonly kind: 'separate'
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly output: Linear
}

/** One matrix gives queries, keys and values, in this order along d_out. */
export interface FusedAttention {
  readonly kind: 'fused'
  readonly queryKeyValue: Linear
  readonly output: Linear
}

/** down(activation(gate x) · up x) */
export interface GatedMlp {
  readonly kind: 'gated'
  readonly gate: Linear
  readonly up: Linear
  readonly down: Linear
}

/** output(activation(input x)) */
export interface PlainMlp {
  readonly kind: 'plain'
  readonly input: Linear
  readonly output: Linear
}
