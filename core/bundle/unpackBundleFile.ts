import { assertContent } from './assertContent.ts'
import { gunzip, isGzip } from './gunzip.ts'
import type { BundleFile } from './manifest.ts'

/**
 * The content of `file`, whose bytes as a host or disk gave them are `bytes`: checked against size and hash, and
 * unpacked if it is gzipped and the host has not done so.
 */
export async function unpackBundleFile(
  file: BundleFile,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { path, unpacked } = file
  if (unpacked === undefined || isGzip(bytes)) await assertContent(path, bytes, file)
  if (unpacked === undefined) return bytes
  const content = isGzip(bytes) ? await gunzip(bytes, path, { maxBytes: unpacked.bytes }) : bytes
  await assertContent(path, content, unpacked)
  return content
}
