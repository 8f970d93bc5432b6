import type { Manifest } from '../../../core/bundle/manifest.ts'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { farAbove } from '../../../core/evaluation/farAbove.ts'

/** A module's row, with how true its decomposition is. */
export interface FidelityRow extends ModuleRow {
  /** ‖W − (V U)ᵀ‖² / ‖W‖²; null where it was not computed. */
  readonly faithfulness: number | null
  /** KL(target ‖ this module alone CI-masked) in nats a position; null where it was not measured. */
  readonly ciMaskedKl: number | null
}

/** What a value must exceed to be far from the other modules'; null where there are too few to tell. */
export interface FidelityFences {
  readonly faithfulness: number | null
  readonly ciMaskedKl: number | null
}

/** Whether there is anything to say of any module. */
export function hasFidelity({ modules, evaluation }: Pick<Manifest, 'modules' | 'evaluation'>): boolean {
  return evaluation !== null || modules.some(({ faithfulness }) => faithfulness !== null)
}

/** The rows of `modules` with what the manifest says of each. */
export function withFidelity(
  modules: readonly ModuleRow[],
  { modules: described, evaluation }: Pick<Manifest, 'modules' | 'evaluation'>,
): FidelityRow[] {
  return modules.map((row) => {
    const i = described.findIndex(({ path }) => path === row.module)
    const ciMaskedKl = evaluation?.module_ci_masked_kl[i] ?? null
    return { ...row, faithfulness: described[i]?.faithfulness ?? null, ciMaskedKl }
  })
}

export function fidelityFences(rows: readonly FidelityRow[]): FidelityFences {
  return {
    faithfulness: farAbove(rows.flatMap(({ faithfulness }) => faithfulness ?? [])),
    ciMaskedKl: farAbove(rows.flatMap(({ ciMaskedKl }) => ciMaskedKl ?? [])),
  }
}
