import type { Architecture } from './TargetModel.ts'

/** What an architecture calls its parts; `block` parts are below the block's own path. */
export interface TargetNames {
  readonly tokenEmbedding: string
  readonly positionEmbedding: string
  readonly finalNorm: string
  readonly unembedding: string
  readonly block: (layer: number) => string
  readonly attentionNorm: string
  readonly mlpNorm: string
  readonly query: string
  readonly key: string
  readonly value: string
  /** Queries, keys and values in one. */
  readonly fused: string
  readonly attentionOutput: string
  readonly gate: string
  readonly up: string
  /** First matrix of an MLP without a gate. */
  readonly mlpInput: string
  readonly mlpOutput: string
}

const SIMPLE: TargetNames = {
  tokenEmbedding: 'wte',
  positionEmbedding: 'wpe',
  finalNorm: 'ln_f',
  unembedding: 'lm_head',
  block: (layer) => `h.${layer}`,
  attentionNorm: 'rms_1',
  mlpNorm: 'rms_2',
  query: 'attn.q_proj',
  key: 'attn.k_proj',
  value: 'attn.v_proj',
  fused: 'attn.c_attn',
  attentionOutput: 'attn.o_proj',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  mlpInput: 'mlp.c_fc',
  mlpOutput: 'mlp.down_proj',
}

const GPT2_SIMPLE: TargetNames = { ...SIMPLE, attentionNorm: 'ln_1', mlpNorm: 'ln_2' }

export const TARGET_NAMES: Readonly<Record<Architecture, TargetNames>> = {
  LlamaSimple: SIMPLE,
  LlamaSimpleMLP: SIMPLE,
  GPT2Simple: GPT2_SIMPLE,
  GPT2LMHeadModel: {
    ...GPT2_SIMPLE,
    tokenEmbedding: 'transformer.wte',
    positionEmbedding: 'transformer.wpe',
    finalNorm: 'transformer.ln_f',
    block: (layer) => `transformer.h.${layer}`,
    attentionOutput: 'attn.c_proj',
    mlpOutput: 'mlp.c_proj',
  },
  LlamaForCausalLM: {
    ...SIMPLE,
    tokenEmbedding: 'model.embed_tokens',
    finalNorm: 'model.norm',
    block: (layer) => `model.layers.${layer}`,
    attentionNorm: 'input_layernorm',
    mlpNorm: 'post_attention_layernorm',
    query: 'self_attn.q_proj',
    key: 'self_attn.k_proj',
    value: 'self_attn.v_proj',
    attentionOutput: 'self_attn.o_proj',
  },
}
