import { createHash } from 'node:crypto'
import { readFileChunks } from './readFileChunks.ts'

/** Length and SHA-256 (lower-case hex) of a file as it is stored. */
export interface FileHash {
  readonly bytes: number
  readonly sha256: string
}

/**
 * Length and SHA-256 of the file at `path`, read in chunks, the length of each told to `onBytes`; one that cannot be
 * read is `source/unreachable`.
 */
export async function hashOfFile(
  path: string,
  onBytes: (byteLength: number) => void = () => undefined,
): Promise<FileHash> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of readFileChunks(path, path)) {
    hash.update(chunk)
    bytes += chunk.length
    onBytes(chunk.length)
  }
  return { bytes, sha256: hash.digest('hex') }
}
