import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { hashOfFile } from '../stories/hashOfFile.ts'

/** What a file is told to be. */
export interface ToldFile {
  /** Within its folder. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Throws `bundle/corrupt` for the first of `files` in `folder` that has not the size and hash told; reads each once. */
export async function assertFiles(
  folder: string,
  files: readonly ToldFile[],
  onBytes: (byteLength: number) => void = () => undefined,
): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const place = join(folder, path)
    const size = await stat(place).then(
      (entry) => entry.size,
      () => null,
    )
    if (size !== bytes) {
      const found = size === null ? 'is missing' : `${size} bytes, expected ${bytes}`
      throw new AtlasError('bundle/corrupt', `${place}: ${found}`)
    }
    const found = (await hashOfFile(place, onBytes)).sha256
    if (found !== sha256) throw new AtlasError('bundle/corrupt', `${place}: SHA-256 ${found}, expected ${sha256}`)
  }
}
