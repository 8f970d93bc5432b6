import { mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { JSValue, QueryResult, Database as SqliteDatabase } from 'node-sqlite3-wasm'
import * as v from 'valibot'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { ComponentRow, HarvestDatabase } from '../../core/spd-harvest/openDatabaseContexts.ts'
import { parse } from '../../core/spd-harvest/parseHarvestJson.ts'

/** An opened harvest.db. */
export interface OpenedHarvestDatabase extends HarvestDatabase {
  close(): Promise<void>
}

/** The examples of a subcomponent are some 2.5 MB of JSON where a thousand of 41 tokens are kept. */
const MAX_ROW_BYTES = 2 ** 26
/** A harvest has some ten settings. */
const MAX_CONFIG_BYTES = 2 ** 20

/** Columns of the table components that are read; harvests of mid-February 2026 have others. */
const COLUMNS = ['component_key', 'layer', 'component_idx', 'mean_activations', 'activation_examples']

/** The package stores JSON as blobs in columns of text. */
const text = v.pipe(
  v.union([v.string(), v.instance(Uint8Array)]),
  v.transform((value) => (typeof value === 'string' ? value : new TextDecoder().decode(value))),
)
const columnsSchema = v.array(v.object({ name: v.string() }))
const configSchema = v.array(v.object({ key: v.string(), value: text }))
const countSchema = v.object({ count: v.number() })
const sizeSchema = v.nullable(v.object({ bytes: v.nullable(v.number()) }))
const rowSchema = v.object({
  layer: v.string(),
  component_idx: v.number(),
  mean_activations: text,
  activation_examples: text,
})

/** Opens the harvest.db at `path`, of which pages are read as they are needed. */
export async function openHarvestDatabase(path: string): Promise<OpenedHarvestDatabase> {
  await assertComplete(path)
  const folder = await mkdtemp(join(tmpdir(), 'spd-atlas-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  try {
    const database = await openDatabase(path, folder)
    const close = async (): Promise<void> => {
      database.close()
      await removeFolder()
    }
    return { ...harvestDatabase(database, path), close }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

/** What lies in a journal is missing from the file itself. */
async function assertComplete(path: string): Promise<void> {
  for (const journal of [`${path}-wal`, `${path}-journal`]) {
    const bytes = await stat(journal).then(
      ({ size }) => size,
      () => 0,
    )
    if (bytes > 0) throw malformed(path, `${journal} lies beside it, so it is being written or was broken off`)
  }
}

/**
 * The database, by way of a link in `folder`: the library locks a database by a folder beside it, and a harvest may lie
 * where nothing can be written (Windows grants links to few, so there the lock lies beside the harvest). Exclusive
 * locking lets it open a file in WAL mode, as some harvests are.
 */
async function openDatabase(path: string, folder: string): Promise<SqliteDatabase> {
  const { default: sqlite } = await import('node-sqlite3-wasm')
  const link = process.platform === 'win32' ? path : join(folder, 'harvest.db')
  if (link !== path) await symlink(resolve(path), link)
  const database = step(path, () => new sqlite.Database(link, { readOnly: true }))
  try {
    step(path, () => database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF'))
    const columns = parse(columnsSchema, all(database, path, 'PRAGMA table_info(components)'), path)
    const names = columns.map(({ name }) => name)
    if (COLUMNS.every((column) => names.includes(column))) return database
    throw new AtlasError(
      'format/unsupported',
      `${path}: table components has columns ${names.join(', ') || 'none'}, expected ${COLUMNS.join(', ')}`,
    )
  } catch (error) {
    database.close()
    throw error
  }
}

function harvestDatabase(database: SqliteDatabase, name: string): HarvestDatabase {
  const first = (sql: string, values: JSValue[] = []) => all(database, name, sql, values)[0] ?? null
  return {
    name,
    config: () => {
      const size = parse(sizeSchema, first('SELECT sum(octet_length(value)) AS bytes FROM config'), `${name}, config`)
      assertSize(size?.bytes ?? 0, MAX_CONFIG_BYTES, `${name}, config`)
      const rows = parse(configSchema, all(database, name, 'SELECT key, value FROM config'), `${name}, config`)
      return new Map(rows.map(({ key, value }) => [key, value]))
    },
    componentCount: () => parse(countSchema, first('SELECT count(*) AS count FROM components'), name).count,
    component: (key): ComponentRow | null => {
      const sizes = 'octet_length(activation_examples) + octet_length(mean_activations) + octet_length(layer)'
      const size = parse(
        sizeSchema,
        first(`SELECT ${sizes} AS bytes FROM components WHERE component_key = ?`, [key]),
        name,
      )
      if (size === null) return null
      assertSize(size.bytes ?? 0, MAX_ROW_BYTES, `${name}, ${key}`)
      const columns = 'layer, component_idx, mean_activations, activation_examples'
      const row = first(`SELECT ${columns} FROM components WHERE component_key = ?`, [key])
      return parse(rowSchema, row, `${name}, ${key}`)
    },
  }
}

function assertSize(bytes: number, limit: number, place: string): void {
  if (bytes <= limit) return
  throw new AtlasError('format/too-large', `${place}: has ${bytes} bytes, expected at most ${limit}`)
}

function all(database: SqliteDatabase, name: string, sql: string, values: JSValue[] = []): QueryResult[] {
  return step(name, () => database.all(sql, values))
}

/** A failure of SQLite as ours. */
function step<T>(name: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw malformed(name, `cannot be read (SQLite: ${reason})`, cause)
  }
}

function malformed(path: string, finding: string, cause?: unknown): AtlasError {
  return new AtlasError('format/malformed', `${path}: ${finding}`, { cause })
}
