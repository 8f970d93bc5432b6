import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { ByteSource } from './ByteSource.ts'

/** A source over a Blob or File, read a slice at a time; a file that cannot be read any more is `source/unreachable`. */
export function blobByteSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    byteLength: blob.size,
    async slice(start, end) {
      invariant(0 <= start && start <= end && end <= blob.size, `${name}: slice ${start} to ${end} of ${blob.size}`)
      try {
        return new Uint8Array(await blob.slice(start, end).arrayBuffer())
      } catch (cause) {
        throw new AtlasError('source/unreachable', `${name}: bytes ${start} to ${end} cannot be read`, { cause })
      }
    },
  }
}
