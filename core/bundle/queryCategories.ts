import type { CategoryShares } from '../statistics/categoryShares.ts'
import { hasTable, type IndexDatabase, queryRows } from './IndexDatabase.ts'

/** A category of tokens in the corpus: the baselines of every module's shares. */
export interface CategoryRow {
  readonly category: string
  /** Of the tokens that occur and have a category. */
  readonly vocabularyShare: number
  /** Of the positions that hold such tokens; also the share of firings to expect by token frequency alone. */
  readonly occurrenceShare: number
}

/** A category's shares of a module. */
export interface CategoryShareRow extends CategoryShares {
  readonly moduleId: number
  readonly category: string
}

/** The categories in the order of their list; null where tokens were not tagged. */
export function queryCategories(summary: IndexDatabase): CategoryRow[] | null {
  if (!hasTable(summary, 'category')) return null
  return queryRows(summary, 'SELECT * FROM category ORDER BY rank', [], (row) => ({
    category: row.text('category'),
    vocabularyShare: row.number('vocabulary_share'),
    occurrenceShare: row.number('occurrence_share'),
  }))
}

/** Every module's shares, categories in the order of their list; null where tokens were not tagged. */
export function queryCategoryShares(summary: IndexDatabase): CategoryShareRow[] | null {
  if (!hasTable(summary, 'category_share')) return null
  const sql = 'SELECT category_share.* FROM category_share JOIN category USING (category) ORDER BY module_id, rank'
  return queryRows(summary, sql, [], (row) => ({
    moduleId: row.integer('module_id'),
    category: row.text('category'),
    highConcentration: row.nullableNumber('high_concentration'),
    highConcentrationExpected: row.nullableNumber('high_concentration_expected'),
    active: row.nullableNumber('active'),
    activeExpected: row.nullableNumber('active_expected'),
    firings: row.nullableNumber('firings'),
    tokens: row.nullableNumber('tokens'),
    tokensExpected: row.nullableNumber('tokens_expected'),
  }))
}
