import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url'
import type { SqlEngine } from '../../core/bundle/IndexDatabase.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'

let engine: Promise<SqlEngine> | null = null

/** SQLite compiled to WebAssembly, loaded once a worker. */
export function loadSqlEngine(): Promise<SqlEngine> {
  engine ??= load().catch((cause: unknown) => {
    engine = null
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('backend/unavailable', `SQLite: cannot be loaded in this browser: ${reason}`, { cause })
  })
  return engine
}

async function load(): Promise<SqlEngine> {
  const { default: initSqlJs } = await import('sql.js')
  return initSqlJs({ locateFile: () => wasmUrl })
}
