import type { WeightTensor } from '../bytes/WeightTensor.ts'
import type { TargetModel } from './TargetModel.ts'

/** A run as read from its checkpoint, config and target model: everything the graphs are built from. */
export interface Decomposition {
  readonly run: RunDescription
  readonly target: TargetModel
  /** In the order the target model executes them. */
  readonly modules: readonly DecomposedModule[]
}

export type CiKind = 'mlp' | 'vector_mlp' | 'shared_mlp'
export type SigmoidType = 'leaky_hard' | 'hard' | 'upper_leaky_hard' | 'normal' | 'swish_hard'
export type Sampling = 'continuous' | 'binomial'

/** What final_config.yaml says of the run, in today's words. */
export interface RunDescription {
  readonly step: number
  readonly ciKind: CiKind
  /** Hidden widths of the CI functions; empty for a linear one. */
  readonly ciHidden: readonly number[]
  readonly sigmoidType: SigmoidType
  readonly sampling: Sampling
  readonly useDeltaComponent: boolean
  /** Longest row the run was trained on, in tokens; null where the config does not say. */
  readonly trainedLength: number | null
  /** The config's `pretrained_model_name`, e.g. "SimpleStories/SimpleStories-1.25M"; null where absent. */
  readonly targetName: string | null
}

/** One decomposed weight matrix. */
export interface DecomposedModule {
  /** e.g. "model.layers.0.self_attn.q_proj" */
  readonly path: string
  /** Number of the transformer block; null outside one (an embedding). */
  readonly layer: number | null
  /** Last part of the path, e.g. "q_proj". */
  readonly kind: string
  /**
   * linear: h = x V, W [d_out, d_in]. embedding: V [vocab, C], h = V[id], d_in the vocabulary size.
   * identity: an inserted identity before `hostPath`, W = I, its output is the host's input.
   */
  readonly role:
    | { readonly kind: 'linear' }
    | { readonly kind: 'embedding' }
    | { readonly kind: 'identity'; readonly hostPath: string }
  readonly dIn: number
  readonly dOut: number
  readonly C: number
  /** float32[d_in, C] */
  readonly V: WeightTensor
  /** float32[C, d_out] */
  readonly U: WeightTensor
  readonly ciFunction: CiFunction
}

/**
 * The function from which causal importance comes; GELU (exact erf form) between layers, none after the last.
 * mlp: of the one number h_c, W [C, in, out], first in and last out 1. vector_mlp: of the module's input,
 * W [C, in, out], first in d_in. shared_mlp: one for all, W [in, out], last out C.
 */
export interface CiFunction {
  readonly kind: CiKind
  readonly layers: readonly CiLayer[]
}

export interface CiLayer {
  /** mlp, vector_mlp: float32[C, in, out]; shared_mlp: float32[in, out] */
  readonly W: WeightTensor
  /** mlp, vector_mlp: float32[C, out]; shared_mlp: float32[out] */
  readonly b: WeightTensor
}
