import type { SqlEngine, SqlValue, WritableDatabase } from '../IndexDatabase.ts'
import { INDEX_VERSION } from '../indexSchema.ts'

/** The bytes of a SQLite file with `schema`, filled by `fill`; the same rows give the same bytes. */
export function writeIndexFile(
  engine: SqlEngine,
  schema: string,
  fill: (database: WritableDatabase) => void,
): Uint8Array {
  const database = new engine.Database()
  try {
    database.run('PRAGMA page_size = 4096')
    database.run(`PRAGMA user_version = ${INDEX_VERSION}`)
    database.run(schema)
    database.run('BEGIN')
    fill(database)
    database.run('COMMIT')
    database.run('VACUUM')
    return database.export()
  } finally {
    database.close()
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
