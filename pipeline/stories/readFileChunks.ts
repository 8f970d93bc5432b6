import { open } from 'node:fs/promises'
import { AtlasError } from '../../core/errors/AtlasError.ts'

/** Bytes read at a time. */
const CHUNK_BYTES = 2 ** 20

/** The bytes of the file at `path` in order; each chunk is the caller's to keep. Messages call the file `name`. */
export async function* readFileChunks(path: string, name: string): AsyncGenerator<Buffer> {
  const handle = await reached(open(path), name)
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const { bytesRead } = await reached(handle.read(chunk, 0, CHUNK_BYTES), name)
      if (bytesRead === 0) return
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** What `access` to the file called `name` gives; a failure of the file system becomes `source/unreachable`. */
export async function reached<T>(access: Promise<T>, name: string): Promise<T> {
  try {
    return await access
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new AtlasError('source/unreachable', `${name}: cannot be read (${reason})`, { cause })
  }
}
