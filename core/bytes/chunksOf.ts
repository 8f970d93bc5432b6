import type { ByteSource } from './ByteSource.ts'

const CHUNK_BYTES = 2 ** 20

/** All bytes of `source`, in pieces. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < source.byteLength; start += CHUNK_BYTES) {
    yield await source.slice(start, Math.min(source.byteLength, start + CHUNK_BYTES))
  }
}
