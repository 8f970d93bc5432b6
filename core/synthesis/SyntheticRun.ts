import type { CiKind } from '../decomposition/Decomposition.ts'

/** Everything a synthetic run is made from: the same record gives the same run. */
export interface SyntheticRun {
  /** Any integer of 32 bits. */
  readonly seed: number
  readonly target: TargetSizes
  readonly ciKind: CiKind
  /** Hidden widths of the CI functions; empty for linear ones. */
  readonly ciHidden: readonly number[]
  /** One entry a matrix of the blocks, in order of execution. */
  readonly modules: readonly SyntheticModule[]
  /** Causal importance above which a subcomponent is active. */
  readonly threshold: number
  readonly corpus: { readonly storyCount: number; readonly meanTokens: number }
  /** Positions of the corpus by which firing is calibrated, at most. */
  readonly calibrationPositions: number
}

/** Sizes of a Llama with gated MLPs and tied embeddings. */
export interface TargetSizes {
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly mlpWidth: number
  readonly vocabularySize: number
  readonly contextLength: number
}

export interface SyntheticModule {
  /** e.g. "model.layers.0.self_attn.q_proj" */
  readonly path: string
  readonly C: number
  /** Subcomponents that are to fire at least once; the others are dead. */
  readonly activeCount: number
}

/** What stands wherever a run has a name, e.g. "synthetic/mlp-112000-subcomponents-seed-0". */
export function syntheticName({ seed, ciKind, modules }: SyntheticRun): string {
  const count = modules.reduce((sum, { C }) => sum + C, 0)
  return `synthetic/${ciKind}-${count}-subcomponents-seed-${seed}`
}
