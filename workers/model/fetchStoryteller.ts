import { type FetchEffects, fetchBundleFile } from '../../core/bundle/fetchBundleFile.ts'
import { findBundleFile } from '../../core/bundle/findBundleFile.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { createStoryteller, type Storyteller } from '../../core/storyteller/createStoryteller.ts'
import { readGrammar } from '../../core/storyteller/readGrammar.ts'

/** A storyteller with the grammar of the bundle at `bundleUrl`; the browser's cache keeps the file. */
export async function fetchStoryteller(
  bundleUrl: string,
  manifest: Manifest,
  seed: number,
  fetch: FetchEffects['fetch'],
): Promise<Storyteller> {
  const { story_grammar: path } = manifest
  if (path === null) throw new AtlasError('bundle/missing-file', `${manifest.id}: the manifest names no story grammar`)
  const bytes = await fetchBundleFile(bundleUrl, findBundleFile(manifest, path), { fetch })
  return createStoryteller(readGrammar(new TextDecoder().decode(bytes), path), seed)
}
