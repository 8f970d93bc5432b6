import { AtlasError } from '../errors/AtlasError.ts'
import type { FetchEffects } from './fetchBundleFile.ts'
import { type Manifest, readManifest } from './manifest.ts'

/** Longest manifest read, in bytes: a run of 28 modules lists some 100 files in 30 kB. */
const MAX_MANIFEST_BYTES = 8 * 2 ** 20

/** The manifest of the bundle at `baseUrl` (ending in a slash); no manifest there is `bundle/missing-file`. */
export async function fetchManifest(baseUrl: string, { fetch, signal }: FetchEffects): Promise<Manifest> {
  const url = `${baseUrl}manifest.json`
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('source/unreachable', `${url}: ${reason}`, { cause })
  })
  // Hosts of single-page apps answer a missing file with their start page.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false
  if (response.status === 404 || isPage) throw new AtlasError('bundle/missing-file', `${url}: no manifest there`)
  if (!response.ok) {
    throw new AtlasError('source/unreachable', `${url}: the host answers ${response.status} ${response.statusText}`)
  }
  const text = await response.text()
  if (text.length > MAX_MANIFEST_BYTES) {
    throw new AtlasError('format/too-large', `${url}: ${text.length} bytes, expected at most ${MAX_MANIFEST_BYTES}`)
  }
  return readManifest(text, baseUrl)
}
