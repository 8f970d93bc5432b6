import { AtlasError } from '../errors/AtlasError.ts'

/** SHA-256 of `bytes`, 64 lower-case hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Browsers leave it out on pages that are served neither by https nor by the machine itself.
  if (globalThis.crypto.subtle === undefined) {
    throw new AtlasError('backend/unavailable', 'no SHA-256 on a page served neither by https nor by localhost')
  }
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
