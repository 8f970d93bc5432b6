import type { ModuleRow } from '../../core/bundle/queryModules.ts'
import type { SubcomponentRow } from '../../core/bundle/querySubcomponent.ts'
import type { TopToken } from '../../core/bundle/queryTopTokens.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { Table } from '../../core/tables/formatTable.ts'

const COLUMNS = [
  'module',
  'subcomponent',
  'activation_count',
  'unique_tokens',
  'class',
  'mean_ci',
  'firing_density',
  'high_concentration',
  'top_tokens',
  'rarefied_unique_tokens',
]

/** Rows of subcomponents, each with its top tokens, under the columns of `atlas table subcomponents`. */
export function subcomponentTable(
  rows: readonly SubcomponentRow[],
  topTokens: readonly (readonly TopToken[])[],
  modules: readonly ModuleRow[],
): Table {
  const paths = new Map(modules.map(({ moduleId, module }) => [moduleId, module]))
  const pathOf = (moduleId: number): string => {
    const path = paths.get(moduleId)
    invariant(path !== undefined, `module ${moduleId} is in no row`)
    return path
  }
  return {
    columns: COLUMNS,
    rows: rows.map((row, i) => [
      pathOf(row.moduleId),
      row.subcomponent,
      row.activationCount,
      row.uniqueTokens,
      row.class,
      row.meanCi,
      row.firingDensity,
      row.isHighConcentration,
      (topTokens[i] ?? []).map(({ token, count }) => [token, count] as const),
      row.rarefiedUniqueTokens,
    ]),
  }
}
