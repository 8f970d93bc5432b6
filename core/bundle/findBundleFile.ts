import { AtlasError } from '../errors/AtlasError.ts'
import type { BundleFile, Manifest } from './manifest.ts'

/** Size and hash of the file at `path` of a bundle; one the manifest does not list is `bundle/missing-file`. */
export function findBundleFile(manifest: Manifest, path: string): BundleFile {
  const file = manifest.files.find((entry) => entry.path === path)
  if (file !== undefined) return file
  throw new AtlasError('bundle/missing-file', `${manifest.id}: the manifest lists no file ${path}`, {
    details: { path },
  })
}

/** The manifest's index; a bundle that has none is `bundle/missing-file`. */
export function indexOf(manifest: Manifest): NonNullable<Manifest['index']> {
  if (manifest.index !== null) return manifest.index
  throw new AtlasError('bundle/missing-file', `${manifest.id}: the bundle has no index`)
}

/** The summary's tables at `threshold`, the summary itself at the run's; null where the index has no such level. */
export function findLevelFile(manifest: Manifest, threshold: number): BundleFile | null {
  const index = indexOf(manifest)
  if (threshold === manifest.corpus?.threshold) return findBundleFile(manifest, index.summary)
  const level = index.levels.find((entry) => entry.threshold === threshold)
  return level === undefined ? null : findBundleFile(manifest, level.path)
}

/** The file of tokens that holds `tokenId`; null where the vocabulary has no such token. */
export function findTokensFile(manifest: Manifest, tokenId: number): BundleFile | null {
  const tokens = indexOf(manifest).tokens.find(({ start, end }) => start <= tokenId && tokenId < end)
  return tokens === undefined ? null : findBundleFile(manifest, tokens.path)
}

/** The file of detail that holds subcomponent `subcomponent` of the module at `modulePath`; none is `address/unknown`. */
export function findDetailFile(manifest: Manifest, modulePath: string, subcomponent: number): BundleFile {
  const detail = indexOf(manifest).details.find(
    ({ module, start, end }) => module === modulePath && start <= subcomponent && subcomponent < end,
  )
  if (detail !== undefined) return findBundleFile(manifest, detail.path)
  throw new AtlasError('address/unknown', `${modulePath}:${subcomponent}: the run has no such subcomponent`, {
    details: { module: modulePath, subcomponent },
  })
}
