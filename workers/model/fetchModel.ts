import { type FetchEffects, fetchBundleFile } from '../../core/bundle/fetchBundleFile.ts'
import { fetchManifest } from '../../core/bundle/fetchManifest.ts'
import { findBundleFile } from '../../core/bundle/findBundleFile.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import { WRITE_NORMS } from '../../core/bundle/writeNormsFile.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import { externalDataOf } from '../../core/graph/externalDataOf.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import { createTokenizer, type Tokenizer } from '../../core/tokenizer/createTokenizer.ts'
import type { GraphFiles } from './FallbackRuntime.ts'

type Fetch = FetchEffects['fetch']

/** What encoding a text needs of a bundle. */
export interface ModelHead {
  readonly manifest: Manifest
  readonly tokenizer: Tokenizer
}

/** Graphs, weights and write norms of a bundle, in memory. */
export interface ModelFiles {
  readonly observe: Uint8Array
  readonly intervene: Uint8Array
  /** Files of external data, by the names graphs give them. */
  readonly pieces: ReadonlyMap<string, Uint8Array>
  /** See writeNormsFile.ts. */
  readonly writeNorms: Uint8Array
}

/** Manifest and tokenizer of the bundle at `bundleUrl`. */
export async function fetchModelHead(bundleUrl: string, fetch: Fetch): Promise<ModelHead> {
  const manifest = await fetchManifest(bundleUrl, { fetch })
  const file = findBundleFile(manifest, manifest.tokenizer)
  const bytes = await fetchBundleFile(bundleUrl, file, { fetch })
  return { manifest, tokenizer: createTokenizer(new TextDecoder().decode(bytes), manifest.tokenizer) }
}

/** Graphs and weights, each file fetched once and checked; progress counts the bytes of all of them. */
export async function fetchModelFiles(
  bundleUrl: string,
  manifest: Manifest,
  { fetch, onProgress }: { readonly fetch: Fetch; readonly onProgress: OnProgress },
): Promise<ModelFiles> {
  const { observe, intervene, weights } = manifest.graphs
  const files = [observe, intervene, WRITE_NORMS, ...weights].map((path) => findBundleFile(manifest, path))
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const done = new Map<string, number>()
  const report = (path: string, bytes: number): void => {
    done.set(path, bytes)
    const sum = [...done.values()].reduce((all, each) => all + each, 0)
    onProgress({ label: 'the model', done: sum, total, unit: 'bytes' })
  }
  const fetched = await Promise.all(
    files.map(async (file) => {
      const onFile: OnProgress = (progress) => report(file.path, progress.done)
      return [file.path, await fetchBundleFile(bundleUrl, file, { fetch, onProgress: onFile })] as const
    }),
  )
  const bytesOf = (path: string): Uint8Array => {
    const bytes = fetched.find(([fetchedPath]) => fetchedPath === path)?.[1]
    invariant(bytes !== undefined, `${path} was not fetched`)
    return bytes
  }
  return {
    observe: bytesOf(observe),
    intervene: bytesOf(intervene),
    writeNorms: bytesOf(WRITE_NORMS),
    pieces: new Map(weights.map((path) => [relativeTo(observe, path), bytesOf(path)])),
  }
}

/** `graph` with the external data it names. */
export function graphFiles(graph: Uint8Array, { pieces }: ModelFiles): GraphFiles {
  const externalData = externalDataOf(graph).map((path) => {
    const data = pieces.get(path)
    if (data === undefined) throw new AtlasError('bundle/corrupt', `graph: weights in ${path}, not in the manifest`)
    return { path, data }
  })
  return { graph, externalData }
}

/** `path` as seen from the folder of `file`; weights lie beside their graphs or below. */
function relativeTo(file: string, path: string): string {
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  return path.startsWith(folder) ? path.slice(folder.length) : path
}
