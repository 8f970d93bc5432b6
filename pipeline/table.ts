import type { IndexDatabase } from '../core/bundle/IndexDatabase.ts'
import { queryModules } from '../core/bundle/queryModules.ts'
import { querySubcomponents } from '../core/bundle/querySubcomponents.ts'
import { queryTokens } from '../core/bundle/queryTokens.ts'
import { queryTopTokens, SUMMARY_TOP_TOKENS } from '../core/bundle/queryTopTokens.ts'
import { SUBCOMPONENT_CLASSES } from '../core/statistics/subcomponentClass.ts'
import { formatCsv } from '../core/tables/formatTable.ts'
import { openBundleFolder } from './node/openBundleFolder.ts'
import { openBundleIndex } from './node/openBundleIndex.ts'
import type { Terminal } from './Terminal.ts'
import type { TableFormat, TableName } from './tableNames.ts'

export interface TableOptions {
  readonly bundle: string
  readonly format: TableFormat
}

/** A row under the names of definitions.md. `top_tokens` are pairs of token and count, most frequent first. */
type TableRow = Readonly<Record<string, string | number | boolean | null | readonly (readonly [string, number])[]>>

/** Prints a table of the index: CSV (RFC 4180, lists as JSON within their field), or a JSON object a line. */
export async function printTable(
  name: TableName,
  { bundle, format }: TableOptions,
  { print }: Pick<Terminal, 'print'>,
): Promise<void> {
  const index = await openBundleIndex(await openBundleFolder(bundle))
  const summary = await index.openSummary()
  const rows = READ_ROWS[name](summary)
  summary.close()
  print(format === 'csv' ? formatRowsAsCsv(rows) : rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}

const READ_ROWS = { modules: moduleRows, subcomponents: subcomponentRows, tokens: tokenRows } as const

function moduleRows(summary: IndexDatabase): TableRow[] {
  return queryModules(summary).map((row) => ({
    module: row.module,
    layer: row.layer,
    kind: row.kind,
    c: row.c,
    active: row.active,
    dead: row.dead,
    rare: row.rare,
    frequent: row.frequent,
    ...row.classCounts,
    median_unique_tokens: row.medianUniqueTokens,
    mean_l0: row.meanL0,
  }))
}

function subcomponentRows(summary: IndexDatabase): TableRow[] {
  const modulePaths = new Map(queryModules(summary).map(({ moduleId, module }) => [moduleId, module]))
  const { rows } = querySubcomponents(summary, {
    moduleId: null,
    classes: SUBCOMPONENT_CLASSES,
    tokenText: '',
    sort: { column: 'address', direction: 'ascending' },
    offset: 0,
    limit: Number.MAX_SAFE_INTEGER,
  })
  const topTokens = queryTopTokens(summary, rows, SUMMARY_TOP_TOKENS)
  return rows.map((row, i) => ({
    module: modulePaths.get(row.moduleId) ?? null,
    subcomponent: row.subcomponent,
    activation_count: row.activationCount,
    unique_tokens: row.uniqueTokens,
    class: row.class,
    mean_ci: row.meanCi,
    firing_density: row.firingDensity,
    high_concentration: row.isHighConcentration,
    top_tokens: (topTokens[i] ?? []).map(({ token, count }) => [token, count] as const),
  }))
}

function tokenRows(summary: IndexDatabase): TableRow[] {
  return queryTokens(summary).map(({ tokenId, token, occurrences }) => ({ token_id: tokenId, token, occurrences }))
}

function formatRowsAsCsv(rows: readonly TableRow[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) =>
    Object.values(row).map((value) => {
      if (value === null || typeof value === 'number' || typeof value === 'string') return value
      return JSON.stringify(value)
    }),
  )
  return formatCsv({ columns, rows: cells })
}
