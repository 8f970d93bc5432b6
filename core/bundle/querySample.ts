import { hasTable, type IndexDatabase, queryRows } from './IndexDatabase.ts'

/** The positions that co-firing and output tokens are counted on. */
export interface SampleRow {
  readonly positions: number
  /** Positions drawn by hash from all, of which those are the first. */
  readonly drawn: number
}

/** The sample of the index; null where co-firing and output tokens are not known, or counted on all positions. */
export function querySample(summary: IndexDatabase): SampleRow | null {
  if (!hasTable(summary, 'sample')) return null
  const [row] = queryRows(summary, 'SELECT * FROM sample', [], (found) => ({
    positions: found.integer('positions'),
    drawn: found.integer('drawn'),
  }))
  return row ?? null
}
