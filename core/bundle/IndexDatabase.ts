import { AtlasError } from '../errors/AtlasError.ts'

/** What we ask of SQLite to read an index; a database of sql.js is one. */
export interface IndexDatabase {
  prepare(sql: string): IndexStatement
  close(): void
}

export interface IndexStatement {
  bind(values: SqlValue[]): boolean
  step(): boolean
  getAsObject(): Record<string, SqlValue>
  free(): boolean
}

export type SqlValue = number | string | Uint8Array | null

/** SQLite itself, as sql.js gives it. */
export interface SqlEngine {
  readonly Database: new (bytes?: Uint8Array) => WritableDatabase
}

/** A database in memory that can be written. */
export interface WritableDatabase extends IndexDatabase {
  run(sql: string, values?: SqlValue[]): unknown
  /** The database as the bytes of its file. */
  export(): Uint8Array
}

/** One row of a result, each column read by name as the type it must have; anything else is `bundle/corrupt`. */
export interface Row {
  integer(column: string): number
  number(column: string): number
  text(column: string): string
  blob(column: string): Uint8Array
  nullableBlob(column: string): Uint8Array | null
  nullableInteger(column: string): number | null
  nullableNumber(column: string): number | null
  nullableText(column: string): string | null
}

/** Every row of `sql`, whose question marks stand for `values`, as `read` returns it. */
export function queryRows<T>(
  database: IndexDatabase,
  sql: string,
  values: readonly SqlValue[],
  read: (row: Row) => T,
): T[] {
  return queryEach(database, sql, [values], read)[0] ?? []
}

/** The rows of `sql` for each of `valueLists`, prepared once. */
export function queryEach<T>(
  database: IndexDatabase,
  sql: string,
  valueLists: readonly (readonly SqlValue[])[],
  read: (row: Row) => T,
): T[][] {
  const statement = database.prepare(sql)
  try {
    return valueLists.map((values) => {
      statement.bind([...values])
      const rows: T[] = []
      while (statement.step()) rows.push(read(rowOf(statement.getAsObject())))
      return rows
    })
  } finally {
    statement.free()
  }
}

/** Whether `database` has `table`: one that holds only what is known may lack it. */
export function hasTable(database: IndexDatabase, table: string): boolean {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?"
  return queryRows(database, sql, [table], (row) => row.text('name')).length > 0
}

function rowOf(values: Readonly<Record<string, SqlValue>>): Row {
  const refuse = (column: string, expected: string): never => {
    const value = values[column]
    const found = value === undefined ? 'absent' : value === null ? 'null' : `a ${describeValue(value)}`
    throw new AtlasError('bundle/corrupt', `index: column ${column} is ${found}, expected ${expected}`)
  }
  const number = (column: string): number => {
    const value = values[column]
    return typeof value === 'number' ? value : refuse(column, 'a number')
  }
  const integer = (column: string): number => {
    const value = number(column)
    return Number.isInteger(value) ? value : refuse(column, 'an integer')
  }
  const text = (column: string): string => {
    const value = values[column]
    return typeof value === 'string' ? value : refuse(column, 'a text')
  }
  const blob = (column: string): Uint8Array => {
    const value = values[column]
    return value instanceof Uint8Array ? value : refuse(column, 'a blob')
  }
  return {
    integer,
    number,
    text,
    blob,
    nullableBlob: (column) => (values[column] === null ? null : blob(column)),
    nullableInteger: (column) => (values[column] === null ? null : integer(column)),
    nullableNumber: (column) => (values[column] === null ? null : number(column)),
    nullableText: (column) => (values[column] === null ? null : text(column)),
  }
}

function describeValue(value: number | string | Uint8Array): string {
  if (value instanceof Uint8Array) return `blob of ${value.length} bytes`
  return typeof value === 'number' ? `number, ${value}` : `text, "${value.slice(0, 40)}"`
}
