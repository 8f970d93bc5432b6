import { hasTable, type IndexDatabase, queryRows } from './IndexDatabase.ts'

/** A module at one position of the stories. */
export interface L0ByPositionRow {
  readonly moduleId: number
  /** From 0. */
  readonly position: number
  /** Stories that reach it. */
  readonly stories: number
  /** Subcomponents active there, summed over the stories. */
  readonly firings: number
  readonly meanL0: number
}

/** L0 at each position of every module, of a summary or a level's file; null where the stories are not known. */
export function queryL0ByPosition(database: IndexDatabase): L0ByPositionRow[] | null {
  if (!hasTable(database, 'l0_by_position')) return null
  return queryRows(database, 'SELECT * FROM l0_by_position ORDER BY module_id, position', [], (row) => ({
    moduleId: row.integer('module_id'),
    position: row.integer('position'),
    stories: row.integer('stories'),
    firings: row.integer('firings'),
    meanL0: row.integer('firings') / row.integer('stories'),
  }))
}
