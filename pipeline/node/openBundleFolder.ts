import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { assertContent } from '../../core/bundle/assertContent.ts'
import { findBundleFile } from '../../core/bundle/findBundleFile.ts'
import { type Manifest, readManifest } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { readBytes, readText } from './files.ts'

/** A bundle on disk. */
export interface BundleFolder {
  readonly path: string
  readonly manifest: Manifest
  /** The file's bytes, checked against the manifest's size and hash (bundle/missing-file, bundle/corrupt). */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>
}

/** The bundle in the folder at `path`; one without a manifest is `bundle/missing-file`. */
export async function openBundleFolder(path: string): Promise<BundleFolder> {
  await assertExists(join(path, 'manifest.json'), 'manifest.json', path)
  const manifest = readManifest(await readText(join(path, 'manifest.json')), path)
  return {
    path,
    manifest,
    read: async (file) => {
      const entry = findBundleFile(manifest, file)
      await assertExists(join(path, file), file, path)
      const bytes = await readBytes(join(path, file))
      await assertContent(file, bytes, entry)
      return bytes
    },
  }
}

async function assertExists(path: string, file: string, folder: string): Promise<void> {
  const isThere = await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  )
  if (!isThere) throw new AtlasError('bundle/missing-file', `${folder}: no ${file}`, { details: { path: file } })
}
