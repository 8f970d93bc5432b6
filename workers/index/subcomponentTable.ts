import type { ModuleRow } from '../../core/bundle/queryModules.ts'
import type { SubcomponentTableRow } from '../../core/bundle/querySubcomponents.ts'
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
]

/** Rows of subcomponents under the columns of `atlas table subcomponents`; top tokens are a JSON array of [token, count]. */
export function subcomponentTable(rows: readonly SubcomponentTableRow[], modules: readonly ModuleRow[]): Table {
  const paths = new Map(modules.map(({ moduleId, module }) => [moduleId, module]))
  const pathOf = (moduleId: number): string => {
    const path = paths.get(moduleId)
    invariant(path !== undefined, `module ${moduleId} is in no row`)
    return path
  }
  return {
    columns: COLUMNS,
    rows: rows.map((row) => [
      pathOf(row.moduleId),
      row.subcomponent,
      row.activationCount,
      row.uniqueTokens,
      row.class,
      row.meanCi,
      row.firingDensity,
      row.isHighConcentration ? 1 : 0,
      JSON.stringify(row.topTokens.map(({ token, count }) => [token, count])),
    ]),
  }
}
