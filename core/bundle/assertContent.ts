import { AtlasError } from '../errors/AtlasError.ts'
import { sha256 } from './sha256.ts'

/** Throws `bundle/corrupt` unless `bytes`, those of the file at `path`, have the size and hash `expected`. */
export async function assertContent(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  expected: { readonly bytes: number; readonly sha256: string },
): Promise<void> {
  if (bytes.length !== expected.bytes) {
    throw new AtlasError('bundle/corrupt', `${path}: ${bytes.length} bytes, expected ${expected.bytes}`, {
      details: { path, found: bytes.length, expected: expected.bytes },
    })
  }
  const found = await sha256(bytes)
  if (found !== expected.sha256) {
    throw new AtlasError('bundle/corrupt', `${path}: SHA-256 ${found}, expected ${expected.sha256}`, {
      details: { path, found, expected: expected.sha256 },
    })
  }
}
