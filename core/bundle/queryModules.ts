import { AtlasError } from '../errors/AtlasError.ts'
import type { SpecialisationClass } from '../statistics/subcomponentClass.ts'
import { type IndexDatabase, queryRows, type Row } from './IndexDatabase.ts'

/** A module's row of the summary. */
export interface ModuleRow {
  readonly moduleId: number
  /** e.g. "model.layers.0.self_attn.q_proj" */
  readonly module: string
  readonly layer: number | null
  readonly kind: string
  /** Number of subcomponents. */
  readonly c: number
  readonly active: number
  readonly dead: number
  readonly rare: number
  readonly frequent: number
  /** Active subcomponents of each class. */
  readonly classCounts: Readonly<Record<SpecialisationClass, number>>
  /** Over active subcomponents; null where none is. */
  readonly medianUniqueTokens: number | null
  readonly meanL0: number
  /** Share of the active subcomponents with 1 to 5 or more than 100 unique tokens; null where none is active. */
  readonly bimodality: number | null
  readonly standardErrors: ModuleErrors
}

/** Jackknife standard errors of a module's statistics over blocks of stories; null where those are not known. */
export interface ModuleErrors {
  /** Of dead / c. */
  readonly dead: number | null
  /** Of rare / c, at the run's threshold alone. */
  readonly rare: number | null
  /** Of frequent / c, at the run's threshold alone. */
  readonly frequent: number | null
  /** Of each class's share of the active subcomponents. */
  readonly classes: Readonly<Record<SpecialisationClass, number | null>>
  readonly medianUniqueTokens: number | null
  /** At the run's threshold alone. */
  readonly meanL0: number | null
  readonly bimodality: number | null
}

/** Every module, in order of execution. */
export function queryModules(summary: IndexDatabase): ModuleRow[] {
  return queryRows(summary, 'SELECT * FROM module ORDER BY module_id', [], readModule)
}

/** The module at `path`; an unknown one is `address/unknown`. */
export function queryModule(summary: IndexDatabase, path: string): ModuleRow {
  const [row] = queryRows(summary, 'SELECT * FROM module WHERE module = ?', [path], readModule)
  if (row !== undefined) return row
  throw new AtlasError('address/unknown', `${path}: the run has no such module`, { details: { module: path } })
}

function readModule(row: Row): ModuleRow {
  return {
    moduleId: row.integer('module_id'),
    module: row.text('module'),
    layer: row.nullableInteger('layer'),
    kind: row.text('kind'),
    c: row.integer('c'),
    active: row.integer('active'),
    dead: row.integer('dead'),
    rare: row.integer('rare'),
    frequent: row.integer('frequent'),
    classCounts: {
      truly_monosemantic: row.integer('truly_monosemantic'),
      highly_specialised: row.integer('highly_specialised'),
      specialised: row.integer('specialised'),
      moderate: row.integer('moderate'),
      polysemantic: row.integer('polysemantic'),
    },
    medianUniqueTokens: row.nullableNumber('median_unique_tokens'),
    meanL0: row.number('mean_l0'),
    bimodality: row.nullableNumber('bimodality'),
    standardErrors: readErrors(row),
  }
}

function readErrors(row: Row): ModuleErrors {
  return {
    dead: row.nullableNumber('dead_se'),
    rare: row.nullableNumber('rare_se'),
    frequent: row.nullableNumber('frequent_se'),
    classes: {
      truly_monosemantic: row.nullableNumber('truly_monosemantic_se'),
      highly_specialised: row.nullableNumber('highly_specialised_se'),
      specialised: row.nullableNumber('specialised_se'),
      moderate: row.nullableNumber('moderate_se'),
      polysemantic: row.nullableNumber('polysemantic_se'),
    },
    medianUniqueTokens: row.nullableNumber('median_unique_tokens_se'),
    meanL0: row.nullableNumber('mean_l0_se'),
    bimodality: row.nullableNumber('bimodality_se'),
  }
}
