import { promisify } from 'node:util'
import { gzip as compress } from 'node:zlib'

/** `bytes` gzipped as small as zlib can; the same bytes on every system. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Uint8Array(await promisify(compress)(bytes, { level: 9, memLevel: 9 }))
  // Byte 9 names the system it was packed on; 255 is "unknown" (RFC 1952).
  packed[9] = 255
  return packed
}
