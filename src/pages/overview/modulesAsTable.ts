import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { SPECIALISATION_CLASSES } from '../../../core/statistics/subcomponentClass.ts'
import type { Table } from '../../../core/tables/formatTable.ts'

/** Rows of modules under the columns of `atlas table modules`. */
export function modulesAsTable(rows: readonly ModuleRow[]): Table {
  return {
    columns: [
      ...['module', 'layer', 'kind', 'c', 'active', 'dead', 'rare', 'frequent'],
      ...SPECIALISATION_CLASSES.map(({ name }) => name),
      ...['median_unique_tokens', 'mean_l0', 'bimodality', 'dead_se', 'rare_se', 'frequent_se'],
      ...SPECIALISATION_CLASSES.map(({ name }) => `${name}_se`),
      ...['median_unique_tokens_se', 'mean_l0_se', 'bimodality_se'],
    ],
    rows: rows.map((row) => [
      ...[row.module, row.layer, row.kind, row.c, row.active, row.dead, row.rare, row.frequent],
      ...SPECIALISATION_CLASSES.map(({ name }) => row.classCounts[name]),
      ...[row.medianUniqueTokens, row.meanL0, row.bimodality],
      ...[row.standardErrors.dead, row.standardErrors.rare, row.standardErrors.frequent],
      ...SPECIALISATION_CLASSES.map(({ name }) => row.standardErrors.classes[name]),
      ...[row.standardErrors.medianUniqueTokens, row.standardErrors.meanL0, row.standardErrors.bimodality],
    ]),
  }
}
