import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { GZIP_EXPANSION_FLOOR_BYTES, MAX_GZIP_EXPANSION } from './storyLimits.ts'

/** Bytes handed on at a time. */
const CHUNK_BYTES = 2 ** 18

/**
 * The bytes that the gzip data in `chunks` holds, all its members one after the other. Damaged or cut data is
 * `format/malformed`, data that grows beyond MAX_GZIP_EXPANSION `format/too-large`; messages call the file `name`.
 */
export async function* gunzipChunks(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  // The loop below meets every failure; the callback keeps it from being thrown a second time.
  pipeline(chunks, gunzip, () => {})
  let byteLength = 0
  try {
    for await (const chunk of gunzip) {
      byteLength += chunk.length
      assertExpansion(byteLength, gunzip.bytesWritten, name)
      yield chunk
    }
  } catch (cause) {
    if (cause instanceof AtlasError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('format/malformed', `${name}: is not whole gzip data (${reason})`, { cause })
  }
}

function assertExpansion(byteLength: number, packedLength: number, name: string): void {
  if (byteLength <= GZIP_EXPANSION_FLOOR_BYTES || byteLength <= MAX_GZIP_EXPANSION * packedLength) return
  throw new AtlasError(
    'format/too-large',
    `${name}: ${packedLength} bytes of gzip data hold more than ${byteLength}, limit ${MAX_GZIP_EXPANSION} times as many`,
    { details: { packedLength, byteLength } },
  )
}
