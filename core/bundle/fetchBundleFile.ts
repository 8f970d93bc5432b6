import { AtlasError } from '../errors/AtlasError.ts'
import type { OnProgress } from '../progress/Progress.ts'
import { concatenate, isGzip } from './gunzip.ts'
import type { BundleFile } from './manifest.ts'
import { unpackBundleFile } from './unpackBundleFile.ts'

/** How files are fetched: a browser's or Node's own `fetch`, or a test's. */
export interface FetchEffects {
  readonly fetch: (url: string, init: { readonly signal?: AbortSignal }) => Promise<Response>
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
}

/**
 * The bytes of `file` of the bundle at `baseUrl` (ending in a slash), checked against its size and hash. A gzipped file
 * comes unpacked, whether the host sent it so or not.
 */
export async function fetchBundleFile(
  baseUrl: string,
  file: BundleFile,
  effects: FetchEffects,
): Promise<Uint8Array<ArrayBuffer>> {
  return unpackBundleFile(file, await download(baseUrl, file, effects))
}

async function download(baseUrl: string, file: BundleFile, effects: FetchEffects): Promise<Uint8Array<ArrayBuffer>> {
  const url = baseUrl + file.path
  const response = await effects
    .fetch(url, effects.signal === undefined ? {} : { signal: effects.signal })
    .catch(refuse)
  if (response.status === 404) {
    throw new AtlasError('bundle/missing-file', `${url}: not found`, { details: { path: file.path } })
  }
  if (!response.ok || response.body === null) {
    throw new AtlasError('source/unreachable', `${url}: the host answers ${response.status} ${response.statusText}`)
  }
  return readBody(response.body.getReader(), file, effects).catch(refuse)

  function refuse(cause: unknown): never {
    if (cause instanceof AtlasError) throw cause
    if (effects.signal?.aborted) throw new AtlasError('request/cancelled', `${url}: cancelled`, { cause })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('source/unreachable', `${url}: ${reason}`, { cause })
  }
}

async function readBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  file: BundleFile,
  { onProgress }: FetchEffects,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let done = 0
  let total = file.bytes
  for (;;) {
    const part = await reader.read()
    if (part.done) return concatenate(chunks, done)
    // A host that unpacks on the way sends other bytes than are stored, and another number of them.
    if (done === 0 && file.unpacked !== undefined && !isGzip(part.value)) total = file.unpacked.bytes
    chunks.push(part.value)
    done += part.value.length
    if (done > total) {
      await reader.cancel()
      throw new AtlasError('bundle/corrupt', `${file.path}: more than ${total} bytes, expected ${total}`, {
        details: { path: file.path, found: done, expected: total },
      })
    }
    onProgress?.({ label: file.path, done, total, unit: 'bytes' })
  }
}
