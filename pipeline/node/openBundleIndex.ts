import initSqlJs from 'sql.js'
import { findBundleFile, indexOf } from '../../core/bundle/findBundleFile.ts'
import type { WritableDatabase } from '../../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../../core/bundle/openIndexFile.ts'
import { unpackBundleFile } from '../../core/bundle/unpackBundleFile.ts'
import type { BundleFolder } from './openBundleFolder.ts'

/** Opens files of a bundle's index, each checked against the manifest. */
export interface BundleIndex {
  /** The index file at `path` of the bundle; the caller closes it. */
  open(path: string): Promise<WritableDatabase>
  openSummary(): Promise<WritableDatabase>
}

/** The index of `bundle`; one that has none is `bundle/missing-file`. */
export async function openBundleIndex(bundle: BundleFolder): Promise<BundleIndex> {
  const { summary } = indexOf(bundle.manifest)
  const engine = await initSqlJs()
  const open = async (path: string): Promise<WritableDatabase> => {
    const content = await unpackBundleFile(findBundleFile(bundle.manifest, path), await bundle.read(path))
    return openIndexFile(engine, content, path)
  }
  return { open, openSummary: () => open(summary) }
}
