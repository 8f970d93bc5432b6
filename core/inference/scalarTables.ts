import { AtlasError } from '../errors/AtlasError.ts'
import type { ScalarMlp } from './inactiveIntervals.ts'
import { type Beyond, type ScalarMlpTable, TABLE_ERROR, tabulateScalarMlp } from './tabulateScalarMlp.ts'

/** What a module's CI functions are to their tables. */
export interface ScalarTableSource {
  /** Number of subcomponents. */
  readonly C: number
  /** The CI function of a subcomponent; null where it cannot be tabulated. */
  mlpOf(c: number): ScalarMlp | null
  /** CI in float64. */
  exact(c: number, h: number): number
  /** Whether CI is 1 wherever γ is above 1. */
  readonly saturates: boolean
  readonly levels: readonly number[]
}

/** The tables made so far: plain numbers, read in the innermost loop. */
export interface ScalarTables {
  readonly source: ScalarTableSource
  /** uint8[C]: 1 where the table is made or there can be none. */
  readonly isBuilt: Uint8Array
  /** float64[C, RECORD] */
  readonly records: Float64Array
  /** float32, `used` of them: the knots of one table after those of another. */
  knots: Float32Array
  used: number
  /** uint8[BUCKETS + 1]: 1 where 0, 1 or a level is in the bucket, or so near that γ by a table may be on its other side. */
  readonly hasLevel: Uint8Array
}

/** Parts of [0, 1] that are looked up for a level in them. */
const BUCKETS = 4096
/** More than rounding to float32 moves a CI. */
const FLOAT32_ROUNDING = 2 ** -23
/** Numbers a subcomponent: start, cells a unit, cells, place of the knots, CI before and after the table. */
const RECORD = 6
/** Every h lies before it, where it does not tell. */
const NO_TABLE = [Number.POSITIVE_INFINITY, 1, 0, 0, Number.NaN, Number.NaN] as const

/** No table made so far. */
export function createScalarTables(source: ScalarTableSource): ScalarTables {
  const records = new Float64Array(RECORD * source.C)
  for (let c = 0; c < source.C; c++) records.set(NO_TABLE, RECORD * c)
  const hasLevel = bucketsWithLevels(source.levels)
  return { source, isBuilt: new Uint8Array(source.C), records, knots: new Float32Array(1024), used: 0, hasLevel }
}

/**
 * CI of subcomponent c at h by its table, which is made when it is first asked for and depends on the weights alone; by
 * `exact` where the table is not certain on which side of 0, 1 or a level γ lies. An h or CI that is not finite is
 * `model/failed`.
 */
export function importanceOf(tables: ScalarTables, c: number, h: number): number {
  if (h - h !== 0) throw notFinite('inner activation', h, c)
  const ci = lookUp(tables, c, h)
  return Number.isNaN(ci) ? importanceBeyondTable(tables, c, h) : ci
}

function importanceBeyondTable(tables: ScalarTables, c: number, h: number): number {
  if (tables.isBuilt[c] === 0) {
    build(tables, c)
    const ci = lookUp(tables, c, h)
    if (!Number.isNaN(ci)) return ci
  }
  const ci = tables.source.exact(c, h)
  if (Number.isNaN(ci)) throw notFinite('pre-sigmoid importance', ci, c)
  return ci
}

/** NaN where the table does not tell, or there is none. */
function lookUp({ records, knots, hasLevel, source }: ScalarTables, c: number, h: number): number {
  const record = RECORD * c
  const place = (h - (records[record] ?? 0)) * (records[record + 1] ?? 0)
  if (place < 0) return records[record + 4] ?? 0
  if (place >= (records[record + 2] ?? 0)) return records[record + 5] ?? 0
  const cell = place | 0
  const t = place - cell
  const i = ((records[record + 3] ?? 0) | 0) + 2 * cell
  const value = knots[i] ?? 0
  const slope = knots[i + 1] ?? 0
  const rise = (knots[i + 2] ?? 0) - value
  const bend = slope + (knots[i + 3] ?? 0) - 2 * rise
  const gamma = value + t * (slope + t * (rise - slope - bend + t * bend))
  if (gamma > 1 + TABLE_ERROR) return source.saturates ? 1 : Number.NaN
  if (gamma < -TABLE_ERROR) return 0
  // γ that is NaN, and γ just below 0, come to bucket 0, which has a level.
  return hasLevel[(gamma * BUCKETS) | 0] === 0 ? gamma : Number.NaN
}

function build(tables: ScalarTables, c: number): void {
  tables.isBuilt[c] = 1
  const mlp = tables.source.mlpOf(c)
  const table = mlp === null ? null : tabulateScalarMlp(mlp)
  if (table === null) return
  const used = tables.used + table.knots.length
  if (used > tables.knots.length) {
    const larger = new Float32Array(Math.ceil(1.5 * used))
    larger.set(tables.knots)
    tables.knots = larger
  }
  tables.knots.set(table.knots, tables.used)
  tables.records.set(recordOf(table, tables.used, tables.source.saturates), RECORD * c)
  tables.used = used
}

function recordOf(table: ScalarMlpTable, place: number, saturates: boolean): number[] {
  const { start, step, cells } = table
  const ciOf = (beyond: Beyond): number => {
    if (beyond === 'inactive') return 0
    return beyond === 'saturated' && saturates ? 1 : Number.NaN
  }
  return [start, 1 / step, cells, place, ciOf(table.before), ciOf(table.after)]
}

function bucketsWithLevels(levels: readonly number[]): Uint8Array {
  const hasLevel = new Uint8Array(BUCKETS + 1)
  for (const level of [0, 1, ...levels]) {
    const slack = TABLE_ERROR + FLOAT32_ROUNDING
    const first = Math.max(0, Math.floor((level - slack) * BUCKETS))
    const last = Math.min(BUCKETS, Math.floor((level + slack) * BUCKETS))
    for (let bucket = first; bucket <= last; bucket++) hasLevel[bucket] = 1
  }
  return hasLevel
}

function notFinite(subject: string, value: number, c: number): AtlasError {
  return new AtlasError('model/failed', `${subject} of subcomponent ${c}: ${value}, expected a finite number`)
}
