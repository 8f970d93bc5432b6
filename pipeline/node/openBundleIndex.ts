import initSqlJs from 'sql.js'
import { findBundleFile, indexOf } from '../../core/bundle/findBundleFile.ts'
import type { IndexDatabase, WritableDatabase } from '../../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../../core/bundle/openIndexFile.ts'
import { openLevelFile } from '../../core/bundle/openLevelFile.ts'
import { unpackBundleFile } from '../../core/bundle/unpackBundleFile.ts'
import type { BundleFolder } from './openBundleFolder.ts'

/** Opens files of a bundle's index, each checked against the manifest. */
export interface BundleIndex {
  /** The index file at `path` of the bundle; the caller closes it. */
  open(path: string): Promise<WritableDatabase>
  openSummary(): Promise<WritableDatabase>
  /** The file of a level at `path`, with the tables that it tells by their differences from `summary`. */
  openLevel(path: string, summary: IndexDatabase): Promise<WritableDatabase>
}

/** The index of `bundle`; one that has none is `bundle/missing-file`. */
export async function openBundleIndex(bundle: BundleFolder): Promise<BundleIndex> {
  const { summary } = indexOf(bundle.manifest)
  const engine = await initSqlJs()
  const read = async (path: string): Promise<Uint8Array> =>
    unpackBundleFile(findBundleFile(bundle.manifest, path), await bundle.read(path))
  const open = async (path: string): Promise<WritableDatabase> => openIndexFile(engine, await read(path), path)
  return {
    open,
    openSummary: () => open(summary),
    openLevel: async (path, run) => openLevelFile(engine, await read(path), path, run),
  }
}
