import { invariant } from '../errors/invariant.ts'

/** What one pass gives of one module: of the subcomponents that the graphs hold, a column each. */
export interface ModulePass {
  /** Number of columns. */
  readonly C: number
  /** uint32[C]: the subcomponent each column is of. */
  readonly subcomponents: Uint32Array
  /** float32[T, C]: h of the unmasked target model. */
  readonly innerActivations: Float32Array
  /** float32[T, C]: g. */
  readonly causalImportances: Float32Array
  /** float32[C]: ‖U[c]‖₂. */
  readonly writeNorms: Float32Array
}

export type RankOrder = 'causalImportance' | 'scaledInnerActivation'

/** Subcomponents in an order; entry i of each array is of the same one. */
export interface RankedSubcomponents {
  /** Index in the list of modules. */
  readonly module: Uint16Array
  readonly subcomponent: Uint32Array
  readonly causalImportance: Float32Array
  /** h ‖U‖₂, signed. */
  readonly scaledInnerActivation: Float32Array
}

/** Active subcomponents (CI strictly above `threshold`) of each module at each of T positions, uint16[modules, T]. */
export function countActive(modules: readonly ModulePass[], T: number, threshold: number): Uint16Array {
  const counts = new Uint16Array(modules.length * T)
  for (const [m, { C, causalImportances }] of modules.entries()) {
    invariant(causalImportances.length >= T * C, `module ${m} has causal importances of fewer than ${T} positions`)
    for (let position = 0; position < T; position++) {
      let count = 0
      for (let i = position * C; i < (position + 1) * C; i++) if ((causalImportances[i] ?? 0) > threshold) count++
      counts[m * T + position] = count
    }
  }
  return counts
}

/**
 * All active subcomponents at `position`: by CI, then |h|‖U‖; or by |h|‖U‖, then CI. Equals keep the order of modules
 * and numbers.
 */
export function rankActive(
  modules: readonly ModulePass[],
  { position, threshold, order }: { readonly position: number; readonly threshold: number; readonly order: RankOrder },
): RankedSubcomponents {
  const active: { m: number; c: number; ci: number; scaled: number }[] = []
  for (const [m, { C, subcomponents, causalImportances, innerActivations, writeNorms }] of modules.entries()) {
    for (let c = 0; c < C; c++) {
      const ci = causalImportances[position * C + c] ?? 0
      if (ci <= threshold) continue
      const scaled = (innerActivations[position * C + c] ?? 0) * (writeNorms[c] ?? 0)
      active.push({ m, c: subcomponents[c] ?? 0, ci, scaled })
    }
  }
  const byCi = (a: { ci: number }, b: { ci: number }) => b.ci - a.ci
  const bySize = (a: { scaled: number }, b: { scaled: number }) => Math.abs(b.scaled) - Math.abs(a.scaled)
  const [first, second] = order === 'causalImportance' ? [byCi, bySize] : [bySize, byCi]
  active.sort((a, b) => first(a, b) || second(a, b))
  return {
    module: Uint16Array.from(active, ({ m }) => m),
    subcomponent: Uint32Array.from(active, ({ c }) => c),
    causalImportance: Float32Array.from(active, ({ ci }) => ci),
    scaledInnerActivation: Float32Array.from(active, ({ scaled }) => scaled),
  }
}

/** Causal importance of the subcomponent of column `c` at each of T positions, float32[T]. */
export function causalImportanceAlong(module: ModulePass, c: number, T: number): Float32Array {
  return Float32Array.from({ length: T }, (_, position) => module.causalImportances[position * module.C + c] ?? 0)
}
