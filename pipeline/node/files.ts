import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { ByteSource } from '../../core/bytes/ByteSource.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'

/** A file that stays open until it is closed. */
export interface OpenedFile extends ByteSource {
  close(): Promise<void>
}

/** Opens the file at `path` for reading at random; `source/unreachable` if it cannot be. */
export async function openFile(path: string): Promise<OpenedFile> {
  const handle = await open(path).catch((cause: unknown) => unreachable(path, cause))
  const { size } = await handle.stat()
  return {
    name: basename(path),
    byteLength: size,
    slice: async (start, end) => {
      const bytes = new Uint8Array(end - start)
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start).catch((e: unknown) => unreachable(path, e))
      if (bytesRead === bytes.length) return bytes
      throw new AtlasError(
        'source/unreachable',
        `${path}: read ${bytesRead} bytes from ${start}, expected ${bytes.length}`,
      )
    },
    close: () => handle.close(),
  }
}

/** All bytes of the file at `path`; `source/unreachable` if it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(path).catch((cause: unknown) => unreachable(path, cause)))
}

/** The file at `path` as UTF-8; `source/unreachable` if it cannot be read. */
export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => unreachable(path, cause))
}

/**
 * Writes a file whole or not at all: under another name first, then renamed. Makes the folder it is in. What cannot be
 * written, as on a full disk, is `output/unwritable`.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const partial = `${path}.${process.pid}.tmp`
  try {
    await written(mkdir(dirname(path), { recursive: true }), dirname(path))
    await written(writeFile(partial, bytes), path)
    await written(rename(partial, path), path)
  } catch (error) {
    // Best effort: what is told is why the file could not be written.
    await rm(partial, { force: true }).catch(() => undefined)
    throw error
  }
}

/** What `access` gives, which writes at `path`; a failure of the file system becomes `output/unwritable`. */
export async function written<T>(access: Promise<T>, path: string): Promise<T> {
  return access.catch((cause: unknown) => unwritable(path, cause))
}

/** Throws `output/unwritable` with what the file system said of `path`. */
export function unwritable(path: string, cause: unknown): never {
  throw new AtlasError('output/unwritable', `${path}: cannot be written (${reasonOf(cause)})`, { cause })
}

/** SHA-256 of the file at `path`, 64 lowercase hexadecimal digits, read once through; tells the bytes done. */
export async function hashFile(path: string, onBytes: (done: number) => void = () => undefined): Promise<string> {
  const hash = createHash('sha256')
  let done = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk)
    done += chunk.length
    onBytes(done)
  }
  return hash.digest('hex')
}

function unreachable(path: string, cause: unknown): never {
  throw new AtlasError('source/unreachable', `${path}: cannot be read (${reasonOf(cause)})`, { cause })
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error) || !('code' in cause)) return String(cause)
  return cause.code === 'ENOSPC' ? 'ENOSPC, the disk is full' : String(cause.code)
}
