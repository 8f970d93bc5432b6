import { invariant } from '../errors/invariant.ts'
import type { ByteSource } from './ByteSource.ts'

/** A source over bytes in memory; slices share its buffer. */
export function bytesByteSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    byteLength: bytes.byteLength,
    async slice(start, end) {
      invariant(
        0 <= start && start <= end && end <= bytes.byteLength,
        `${name}: slice ${start} to ${end} of ${bytes.byteLength}`,
      )
      return bytes.subarray(start, end)
    },
  }
}
