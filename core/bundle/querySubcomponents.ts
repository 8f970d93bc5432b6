import { SUBCOMPONENT_CLASSES, type SubcomponentClass } from '../statistics/subcomponentClass.ts'
import { type IndexDatabase, queryRows, type SqlValue } from './IndexDatabase.ts'
import { readSubcomponent, type SubcomponentRow } from './querySubcomponent.ts'
import { queryTopTokens, type TopToken } from './queryTopTokens.ts'

/** What the table of subcomponents shows: which rows, in which order, and which window of them. */
export interface SubcomponentQuery {
  /** null for all modules. */
  readonly moduleId: number | null
  readonly classes: readonly SubcomponentClass[]
  readonly minActivationCount?: number
  readonly maxActivationCount?: number
  /** Rows with this text, in any case, in one of their ten most frequent tokens; "" for all. */
  readonly tokenText: string
  readonly sort: { readonly column: SortColumn; readonly direction: 'ascending' | 'descending' }
  readonly offset: number
  readonly limit: number
}

export interface SubcomponentTable {
  /** Rows that match, of which `rows` are a window. */
  readonly total: number
  readonly rows: readonly SubcomponentTableRow[]
}

export interface SubcomponentTableRow extends SubcomponentRow {
  /** The five most frequent. */
  readonly topTokens: readonly TopToken[]
}

/** Columns to sort by, in SQL; classes go from dead to polysemantic, concentration is the share of the ten top tokens. */
const SORT_EXPRESSIONS = {
  address: 'module_id',
  activation_count: 'activation_count',
  unique_tokens: 'unique_tokens',
  class: `CASE class ${SUBCOMPONENT_CLASSES.map((name, i) => `WHEN '${name}' THEN ${i}`).join(' ')} END`,
  mean_ci: 'mean_ci',
  firing_density: 'firing_density',
  concentration: 'CAST(top10_count AS REAL) / activation_count',
  rank: 'rank',
  write_norm: 'write_norm',
} as const

export type SortColumn = keyof typeof SORT_EXPRESSIONS

/** Whether `text`, say of a link, names a column to sort by. */
export function isSortColumn(text: string): text is SortColumn {
  return Object.hasOwn(SORT_EXPRESSIONS, text)
}

const TABLE_TOP_TOKENS = 5

/** The rows of `query` with their top tokens. Rows equal in the sorted column: more activations first, then the lower address. */
export function querySubcomponents(summary: IndexDatabase, query: SubcomponentQuery): SubcomponentTable {
  const { where, values } = conditions(query)
  const [total = 0] = queryRows(summary, `SELECT count(*) AS total FROM subcomponent ${where}`, values, (row) =>
    row.integer('total'),
  )
  const sql = `SELECT * FROM subcomponent ${where} ORDER BY ${order(query.sort)} LIMIT ? OFFSET ?`
  const rows = queryRows(summary, sql, [...values, query.limit, query.offset], readSubcomponent)
  const topTokens = queryTopTokens(summary, rows, TABLE_TOP_TOKENS)
  return { total, rows: rows.map((row, i) => ({ ...row, topTokens: topTokens[i] ?? [] })) }
}

function conditions(query: SubcomponentQuery): { readonly where: string; readonly values: readonly SqlValue[] } {
  const parts: { sql: string; values: readonly SqlValue[] }[] = [
    { sql: `class IN (${query.classes.map(() => '?').join(', ')})`, values: query.classes },
    { sql: 'activation_count >= ?', values: [query.minActivationCount ?? 0] },
  ]
  if (query.maxActivationCount !== undefined) {
    parts.push({ sql: 'activation_count <= ?', values: [query.maxActivationCount] })
  }
  if (query.moduleId !== null) parts.push({ sql: 'module_id = ?', values: [query.moduleId] })
  if (query.tokenText !== '') parts.push({ sql: HAS_TOKEN, values: [query.tokenText.toLowerCase()] })
  return {
    where: `WHERE ${parts.map(({ sql }) => sql).join(' AND ')}`,
    values: parts.flatMap((part) => part.values),
  }
}

const HAS_TOKEN = `(module_id, subcomponent) IN (
  SELECT module_id, subcomponent FROM top_token
  WHERE token_id IN (SELECT token_id FROM token WHERE instr(lower(token), ?) > 0))`

function order({ column, direction }: SubcomponentQuery['sort']): string {
  const keyword = direction === 'ascending' ? 'ASC' : 'DESC'
  const expression = SORT_EXPRESSIONS[column]
  if (column === 'address') return `module_id ${keyword}, subcomponent ${keyword}`
  return `${expression} ${keyword} NULLS LAST, activation_count DESC, module_id, subcomponent`
}
