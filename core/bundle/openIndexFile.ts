import { AtlasError } from '../errors/AtlasError.ts'
import type { SqlEngine, WritableDatabase } from './IndexDatabase.ts'
import { INDEX_VERSION } from './indexSchema.ts'

/** The database in `bytes`, an unpacked index file; `name` is for messages. Refuses another index version. */
export function openIndexFile(engine: SqlEngine, bytes: Uint8Array, name: string): WritableDatabase {
  const database = new engine.Database(bytes)
  const version = readUserVersion(database, name)
  if (version === INDEX_VERSION) return database
  database.close()
  throw new AtlasError(
    'bundle/version',
    `${name}: index has version ${version}, expected ${INDEX_VERSION}: make it again with \`index\``,
    {
      details: { found: version, expected: INDEX_VERSION },
    },
  )
}

function readUserVersion(database: WritableDatabase, name: string): number {
  try {
    const statement = database.prepare('PRAGMA user_version')
    statement.step()
    const version = statement.getAsObject().user_version
    statement.free()
    return Number(version)
  } catch (cause) {
    database.close()
    throw new AtlasError('bundle/corrupt', `${name}: not a SQLite database`, { cause })
  }
}
