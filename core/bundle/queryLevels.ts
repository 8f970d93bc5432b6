import { type IndexDatabase, queryRows } from './IndexDatabase.ts'

/** Thresholds at which the index has counts, ascending; a level is an index of them. */
export function queryLevels(summary: IndexDatabase): number[] {
  return queryRows(summary, 'SELECT threshold FROM level ORDER BY level', [], (row) => row.number('threshold'))
}
