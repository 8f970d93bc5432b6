import { type FetchEffects, fetchBundleFile } from '../../core/bundle/fetchBundleFile.ts'
import { fetchManifest } from '../../core/bundle/fetchManifest.ts'
import { findBundleFile, findDetailFile, indexOf } from '../../core/bundle/findBundleFile.ts'
import type { IndexDatabase, SqlEngine } from '../../core/bundle/IndexDatabase.ts'
import type { BundleFile, Manifest } from '../../core/bundle/manifest.ts'
import { openIndexFile } from '../../core/bundle/openIndexFile.ts'
import { createTokenTable, queryTokens, type TokenTable } from '../../core/bundle/queryTokens.ts'
import { LeastRecentlyUsed } from './LeastRecentlyUsed.ts'

/** The index of one run, opened; blocks of detail are fetched when asked for. */
export interface IndexBundle {
  readonly manifest: Manifest
  readonly summary: IndexDatabase
  readonly tokens: TokenTable
  /** What `read` finds in the block that holds a subcomponent's detail. */
  readDetail<T>(
    modulePath: string,
    subcomponent: number,
    effects: FetchEffects,
    read: (detail: IndexDatabase) => T,
  ): Promise<T>
}

/** Blocks kept open, each a few megabytes with what is unpacked of it: enough to walk one module back and forth. */
const KEPT_DETAILS = 16

/** Fetches and opens the index of the bundle at `bundleUrl` (ending in a slash). */
export async function openIndexBundle(
  engine: SqlEngine,
  bundleUrl: string,
  effects: FetchEffects,
): Promise<IndexBundle> {
  const open = async (file: BundleFile, fileEffects: FetchEffects) =>
    openIndexFile(engine, await fetchBundleFile(bundleUrl, file, fileEffects), file.path)
  const manifest = await fetchManifest(bundleUrl, effects)
  const summary = await open(findBundleFile(manifest, indexOf(manifest).summary), effects)
  const details = new LeastRecentlyUsed<IndexDatabase>(KEPT_DETAILS, (database) => database.close())
  return {
    manifest,
    summary,
    tokens: createTokenTable(queryTokens(summary)),
    async readDetail(modulePath, subcomponent, detailEffects, read) {
      const file = findDetailFile(manifest, modulePath, subcomponent)
      const kept = details.get(file.path)
      if (kept !== undefined) return read(kept)
      const fetched = await open(file, detailEffects)
      const meanwhile = details.get(file.path)
      if (meanwhile === undefined) details.set(file.path, fetched)
      else fetched.close()
      return read(meanwhile ?? fetched)
    },
  }
}
