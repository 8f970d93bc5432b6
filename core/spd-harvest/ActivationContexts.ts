import type { FiringWindow } from '../statistics/FiringWindow.ts'

/** What a harvest says of single subcomponents, in either of its layouts. */
export interface ActivationContexts {
  /** What messages call the file. */
  readonly name: string
  /** Active is CI strictly greater. */
  readonly threshold: number
  /** What the harvest calls the run; null where it does not. */
  readonly wandbPath: string | null
  /** Subcomponents it speaks of; null where only reading it through would tell. */
  readonly subcomponentCount: number | null
  /** Those of a module, by number: at least the ones of `active` that the file has. */
  readModule(module: ContextModule): Promise<ReadonlyMap<number, SubcomponentContexts>>
}

export interface ContextModule {
  readonly path: string
  readonly C: number
  /** Numbers of the subcomponents that fire. */
  readonly active: readonly number[]
  /** ‖U_c‖ of each subcomponent. */
  readonly writeNorms: ArrayLike<number>
}

export interface SubcomponentContexts {
  readonly meanCi: number
  /** Firings kept as examples, in random order. */
  readonly windows: readonly FiringWindow[]
}
