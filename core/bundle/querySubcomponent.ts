import { AtlasError } from '../errors/AtlasError.ts'
import { SUBCOMPONENT_CLASSES, type SubcomponentClass } from '../statistics/subcomponentClass.ts'
import { type IndexDatabase, queryRows, type Row } from './IndexDatabase.ts'

/** A subcomponent by its module's row and its number there. */
export interface SubcomponentAddress {
  readonly moduleId: number
  /** 0 ≤ subcomponent < c */
  readonly subcomponent: number
}

/** A subcomponent's row of the summary. */
export interface SubcomponentRow extends SubcomponentAddress {
  readonly activationCount: number
  readonly uniqueTokens: number
  readonly class: SubcomponentClass
  /** null where the harvest did not keep it. */
  readonly meanCi: number | null
  readonly firingDensity: number
  /** Firings on its ten most frequent tokens. */
  readonly top10Count: number
  readonly isHighConcentration: boolean
  /** By activation count in its module, from 1; null where dead. */
  readonly rank: number | null
  /** ‖U[c]‖₂ */
  readonly writeNorm: number
  /** Expected among RAREFIED_FIRINGS of its firings, to 1/256; null where it has fewer. */
  readonly rarefiedUniqueTokens: number | null
  /** Firings on the sampled positions (`querySample`); null where there is no sample, and at other levels. */
  readonly sampledCount: number | null
}

/** The subcomponent at `address`; an unknown one is `address/unknown`. */
export function querySubcomponent(summary: IndexDatabase, address: SubcomponentAddress): SubcomponentRow {
  const { moduleId, subcomponent } = address
  const sql = 'SELECT * FROM subcomponent WHERE module_id = ? AND subcomponent = ?'
  const [row] = queryRows(summary, sql, [moduleId, subcomponent], readSubcomponent)
  if (row !== undefined) return row
  throw new AtlasError('address/unknown', `module ${moduleId} has no subcomponent ${subcomponent}`, {
    details: { moduleId, subcomponent },
  })
}

/** Every subcomponent, by address. */
export function querySubcomponentRows(summary: IndexDatabase): SubcomponentRow[] {
  return queryRows(summary, 'SELECT * FROM subcomponent ORDER BY module_id, subcomponent', [], readSubcomponent)
}

/** Numbers of the subcomponents one rank above (more active) and below `rank` in their module; null at the ends. */
export function queryNeighbours(
  summary: IndexDatabase,
  moduleId: number,
  rank: number,
): { readonly previous: number | null; readonly next: number | null } {
  const sql = 'SELECT rank, subcomponent FROM subcomponent WHERE module_id = ? AND rank IN (?, ?)'
  const rows = queryRows(summary, sql, [moduleId, rank - 1, rank + 1], (row) => ({
    rank: row.integer('rank'),
    subcomponent: row.integer('subcomponent'),
  }))
  const at = (wanted: number): number | null => rows.find((row) => row.rank === wanted)?.subcomponent ?? null
  return { previous: at(rank - 1), next: at(rank + 1) }
}

/**
 * The active subcomponent that stands `share` (0 ≤ share < 1, a random number) of the way through those of one module,
 * or of all where `moduleId` is null; null where none is active.
 */
export function queryActiveAt(
  summary: IndexDatabase,
  moduleId: number | null,
  share: number,
): SubcomponentAddress | null {
  const where = 'WHERE rank IS NOT NULL AND (?1 IS NULL OR module_id = ?1)'
  const sql = `SELECT module_id, subcomponent FROM subcomponent ${where} ORDER BY module_id, subcomponent
    LIMIT 1 OFFSET CAST(?2 * (SELECT count(*) FROM subcomponent ${where}) AS INTEGER)`
  const [row] = queryRows(summary, sql, [moduleId, share], (found) => ({
    moduleId: found.integer('module_id'),
    subcomponent: found.integer('subcomponent'),
  }))
  return row ?? null
}

/** Reads a row that holds every column of `subcomponent`. */
export function readSubcomponent(row: Row): SubcomponentRow {
  return {
    moduleId: row.integer('module_id'),
    subcomponent: row.integer('subcomponent'),
    activationCount: row.integer('activation_count'),
    uniqueTokens: row.integer('unique_tokens'),
    class: readClass(row.text('class')),
    meanCi: row.nullableNumber('mean_ci'),
    firingDensity: row.number('firing_density'),
    top10Count: row.integer('top10_count'),
    isHighConcentration: row.integer('high_concentration') === 1,
    rank: row.nullableInteger('rank'),
    writeNorm: row.number('write_norm'),
    rarefiedUniqueTokens: row.nullableNumber('rarefied_unique_tokens'),
    sampledCount: row.nullableInteger('sampled_count'),
  }
}

function readClass(text: string): SubcomponentClass {
  const found = SUBCOMPONENT_CLASSES.find((name) => name === text)
  if (found !== undefined) return found
  throw new AtlasError(
    'bundle/corrupt',
    `index: class is "${text}", expected one of ${SUBCOMPONENT_CLASSES.join(', ')}`,
  )
}
