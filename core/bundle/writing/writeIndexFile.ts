import type { SqlEngine, SqlValue, WritableDatabase } from '../IndexDatabase.ts'
import { INDEX_VERSION } from '../indexSchema.ts'

/** A SQLite file being filled. */
export interface IndexWriter {
  /** Appends `rows` to `table`, each value under the column of its name. */
  insert(table: string, rows: readonly Readonly<Record<string, SqlValue>>[]): void
  /** The file's bytes, and the end of the writer. */
  finish(): Uint8Array
  /** Gives the writer up where it was not finished. */
  close(): void
}

/** Opens a file with `schema`; the same rows in the same order give the same bytes. */
export function openIndexWriter(engine: SqlEngine, schema: string): IndexWriter {
  const database = new engine.Database()
  let isOpen = true
  const close = (): void => {
    if (isOpen) database.close()
    isOpen = false
  }
  database.run('PRAGMA page_size = 4096')
  // What is deleted on the way, say where a page is split, is zeros in the file: a twentieth less of it, gzipped.
  database.run('PRAGMA secure_delete = ON')
  database.run(`PRAGMA user_version = ${INDEX_VERSION}`)
  database.run(schema)
  database.run('BEGIN')
  return {
    insert: (table, rows) => insertRows(database, table, rows),
    finish: () => {
      try {
        database.run('COMMIT')
        database.run('VACUUM')
        return database.export()
      } finally {
        close()
      }
    },
    close,
  }
}

/** The bytes of a SQLite file with `schema`, filled by `fill`; the same rows give the same bytes. */
export function writeIndexFile(engine: SqlEngine, schema: string, fill: (writer: IndexWriter) => void): Uint8Array {
  const writer = openIndexWriter(engine, schema)
  try {
    fill(writer)
    return writer.finish()
  } finally {
    writer.close()
  }
}

/** Appends `rows` to `table`, each value under the column of its name. */
export function insertRows(
  database: WritableDatabase,
  table: string,
  rows: readonly Readonly<Record<string, SqlValue>>[],
): void {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first)
  const statement = database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  )
  try {
    for (const row of rows) {
      statement.bind(columns.map((column) => row[column] ?? null))
      statement.step()
    }
  } finally {
    statement.free()
  }
}
