import {
  decodeExamples,
  type ExampleColumns,
  type ExampleLists,
  encodeExamples,
  type PlacedExample,
} from '../../../../core/bundle/columns/exampleColumns.ts'
import {
  decodeOutputTokens,
  encodeOutputTokens,
  type OutputTokenColumns,
} from '../../../../core/bundle/columns/outputTokenColumns.ts'
import {
  decodePartners,
  encodePartners,
  type NumberedPartner,
  type PartnerColumns,
} from '../../../../core/bundle/columns/partnerColumns.ts'
import {
  decodePassages,
  encodePassages,
  type Passage,
  type PassageColumns,
} from '../../../../core/bundle/columns/passageColumns.ts'
import {
  type BlockTokens,
  decodeTokens,
  encodeTokens,
  type TokenColumns,
} from '../../../../core/bundle/columns/tokenColumns.ts'
import {
  type BlockCounts,
  decodeTokenCountColumns,
  encodeTokenCountColumns,
  type TokenCountColumns,
} from '../../../../core/bundle/columns/tokenCountColumns.ts'
import type { SqlValue, WritableDatabase } from '../../../../core/bundle/IndexDatabase.ts'
import { decodeVarints, encodeVarints } from '../../../../core/bundle/varints.ts'
import type { Report } from '../../../../core/bundle/verifying/Report.ts'
import { insertRows } from '../../../../core/bundle/writing/writeIndexFile.ts'
import { AtlasError } from '../../../../core/errors/AtlasError.ts'
import type { TokenMass } from '../../../../core/statistics/TokenMass.ts'

/** Makes an index file differ from what was written. */
export type Change = (database: WritableDatabase) => void

/** Runs `check`; what it cannot read is a difference, as in `pipeline/verify.ts`. */
export function reportingFailures(report: Report, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    report(error.message)
  }
}

export function sql(statement: string): Change {
  return (database) => database.run(statement)
}

/** Puts what `change` makes of the only row of `table` in its place. */
export function changeRow<Columns extends object>(table: string, change: (row: Columns) => Columns): Change {
  return (database) => {
    const row = change(readRow<Columns>(database, table))
    database.run(`DELETE FROM ${table}`)
    insertRows(database, table, [row as Record<string, SqlValue>])
  }
}

function readRow<Columns extends object>(database: WritableDatabase, table: string): Columns {
  const statement = database.prepare(`SELECT * FROM ${table}`)
  if (!statement.step()) throw new Error(`no row of ${table}`)
  const row = statement.getAsObject()
  statement.free()
  return row as Columns
}

/** Changes the numbers of a column of varints. */
export function changeVarints(
  table: string,
  column: string,
  change: (numbers: Uint32Array) => ArrayLike<number>,
): Change {
  return changeRow<Record<string, Uint8Array>>(table, (row) => ({
    ...row,
    [column]: encodeVarints(change(decodeVarints(row[column] ?? new Uint8Array(0), column))),
  }))
}

export function changeTokenCounts(change: (block: BlockCounts) => BlockCounts): Change {
  return changeRow<TokenCountColumns>('token_counts', (row) =>
    encodeTokenCountColumns(change(decodeTokenCountColumns(row))),
  )
}

export function changeOutputTokens(change: (tokens: TokenMass[][]) => TokenMass[][]): Change {
  return changeRow<OutputTokenColumns>('output_token', (row) =>
    encodeOutputTokens(change(decodeOutputTokens(row, lengthOf(row.lengths)))),
  )
}

export function changePartners(change: (partners: NumberedPartner[][]) => NumberedPartner[][]): Change {
  return changeRow<PartnerColumns>('co_firing', (row) =>
    encodePartners(change(decodePartners(row, lengthOf(row.lengths)))),
  )
}

export function changeTokens(change: (block: BlockTokens) => BlockTokens): Change {
  return changeRow<TokenColumns>('token_subcomponents', (row) => encodeTokens(change(decodeTokens(row))))
}

/** Changes the passages; `change` is told the examples that lie in them. */
export function changePassages(change: (passages: Passage[], lists: ExampleLists[]) => Passage[]): Change {
  return (database) => {
    const lists = readLists(database)
    changeRow<PassageColumns>('passage', (row) => encodePassages(change(decodePassages(row), lists)))(database)
  }
}

/** Changes the examples; `change` is told the passages they lie in. */
export function changeExamples(change: (lists: ExampleLists[], passages: Passage[]) => ExampleLists[]): Change {
  return (database) => {
    const lists = change(readLists(database), readPassages(database))
    changeRow<ExampleColumns>('example', ({ radius }) => encodeExamples(lists, radius))(database)
  }
}

/** Changes one firing of the subcomponent at `index` in both lists. */
export function changeFiring(
  index: number,
  find: (lists: ExampleLists) => PlacedExample | undefined,
  change: (example: PlacedExample, passages: readonly Passage[]) => PlacedExample,
): Change {
  return changeExamples((lists, passages) =>
    replaced(lists, index, (own) => {
      const found = find(own)
      if (found === undefined) throw new Error('no such firing')
      const changed = change(found, passages)
      const put = (example: PlacedExample) =>
        example.passage === found.passage && example.offset === found.offset ? changed : example
      return { sampled: own.sampled.map(put), strongest: own.strongest.map(put) }
    }),
  )
}

/** `list` with what `change` makes of its item at `index` there. */
export function replaced<T>(list: readonly T[], index: number, change: (item: T) => T): T[] {
  if (index < 0 || index >= list.length) throw new Error(`no item ${index} of ${list.length}`)
  return list.map((item, i) => (i === index ? change(item) : item))
}

function readPassages(database: WritableDatabase): Passage[] {
  return decodePassages(readRow<PassageColumns>(database, 'passage'))
}

function readLists(database: WritableDatabase): ExampleLists[] {
  const row = readRow<ExampleColumns>(database, 'example')
  const passageLengths = readPassages(database).map(({ ranks }) => ranks.length)
  return decodeExamples(row, lengthOf(row.sampled), passageLengths)
}

function lengthOf(lengths: Uint8Array): number {
  return decodeVarints(lengths, 'lengths').length
}
