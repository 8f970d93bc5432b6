import { findLevelFile } from '../core/bundle/findBundleFile.ts'
import type { IndexDatabase } from '../core/bundle/IndexDatabase.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { formatCsv } from '../core/tables/formatTable.ts'
import { openBundleFolder } from './node/openBundleFolder.ts'
import { openBundleIndex } from './node/openBundleIndex.ts'
import type { Terminal } from './Terminal.ts'
import { coFiringRows, exampleRows, outputTokenRows, tokenCountRows, tokenModuleRows } from './table/detailRows.ts'
import { categoryRows, l0ByPositionRows, moduleRows, subcomponentRows, tokenRows } from './table/summaryRows.ts'
import type { TableRow, TableSource } from './table/TableRow.ts'
import { LEVEL_TABLES, type TableFormat, type TableName } from './tableNames.ts'

export interface TableOptions {
  readonly bundle: string
  readonly format: TableFormat
  /** One of the index's levels; the run's own threshold where absent. */
  readonly threshold?: number
}

/** Prints a table of the index: CSV (RFC 4180, lists as JSON within their field), or a JSON object a line. */
export async function printTable(
  name: TableName,
  options: TableOptions,
  { print }: Pick<Terminal, 'print'>,
): Promise<void> {
  const { manifest, ...bundle } = await openBundleFolder(options.bundle)
  const index = await openBundleIndex({ manifest, ...bundle })
  const summary = await index.openSummary()
  const level = await openLevel({ index, manifest, summary }, name, options)
  const source: TableSource = {
    manifest,
    index,
    summary,
    level: level ?? summary,
    threshold: options.threshold ?? manifest.corpus?.threshold ?? 0,
  }
  let isFirst = true
  for await (const rows of READ_ROWS[name](source)) {
    if (rows.length === 0) continue
    print(options.format === 'csv' ? formatRowsAsCsv(rows, isFirst) : formatRowsAsLines(rows))
    isFirst = false
  }
  level?.close()
  summary.close()
}

/** Rows of each table, some at a time, so that one that all details fill is never whole in memory. */
const READ_ROWS: Readonly<
  Record<TableName, (source: TableSource) => Iterable<TableRow[]> | AsyncIterable<TableRow[]>>
> = {
  modules: moduleRows,
  subcomponents: subcomponentRows,
  tokens: tokenRows,
  categories: categoryRows,
  'l0-by-position': l0ByPositionRows,
  'co-firing': coFiringRows,
  'output-tokens': outputTokenRows,
  'token-counts': tokenCountRows,
  'token-modules': tokenModuleRows,
  examples: exampleRows,
}

/** The file of another level than the run's; null where none is asked for. */
async function openLevel(
  { index, manifest, summary }: Pick<TableSource, 'index' | 'manifest' | 'summary'>,
  name: TableName,
  { threshold }: TableOptions,
): Promise<IndexDatabase | null> {
  if (threshold === undefined || threshold === manifest.corpus?.threshold) return null
  if (!LEVEL_TABLES.some((table) => table === name)) {
    throw new AtlasError('arguments/invalid', `table ${name}: known at the run's threshold alone, not at ${threshold}`)
  }
  const file = findLevelFile(manifest, threshold)
  if (file !== null) return index.openLevel(file.path, summary)
  const levels = [manifest.corpus?.threshold ?? 0, ...(manifest.index?.levels.map((level) => level.threshold) ?? [])]
  const known = levels.sort((a, b) => a - b).join(', ')
  throw new AtlasError('arguments/invalid', `threshold ${threshold}: the index has ${known}`)
}

function formatRowsAsLines(rows: readonly TableRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

function formatRowsAsCsv(rows: readonly TableRow[], withHeader: boolean): string {
  const columns = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) =>
    Object.values(row).map((value) => {
      if (value === null || typeof value === 'number' || typeof value === 'string') return value
      return JSON.stringify(value)
    }),
  )
  const text = formatCsv({ columns, rows: cells })
  return withHeader ? text : text.slice(formatCsv({ columns, rows: [] }).length)
}
