import { type FileHandle, open } from 'node:fs/promises'
import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { reached } from './readFileChunks.ts'
import { MAX_PARQUET_FOOTER_BYTES } from './storyLimits.ts'

const MARK = 'PAR1'
/** The footer's length and the mark. */
const TAIL_BYTES = 8

/** A file read by ranges; `close` it. */
export interface ParquetFile {
  readonly name: string
  readonly byteLength: number
  /** The bytes from `start` to `end`, half-open; a range beyond the file is `format/malformed`. */
  readonly slice: (start: number, end: number) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}

/** Opens the file at `path`, which messages call `name`. */
export async function openParquet(path: string, name: string): Promise<ParquetFile> {
  const handle = await reached(open(path), name)
  const { size } = await reached(handle.stat(), name)
  return {
    name,
    byteLength: size,
    close: () => handle.close(),
    slice: (start, end) => readRange(handle, { name, size, start, end }),
  }
}

interface Range {
  readonly name: string
  readonly size: number
  readonly start: number
  readonly end: number
}

async function readRange(handle: FileHandle, { name, size, start, end }: Range): Promise<Uint8Array> {
  if (!(0 <= start && start <= end && end <= size)) {
    throw malformed(`${name}: names bytes ${start} to ${end}, the file has ${size}`)
  }
  const bytes = new Uint8Array(end - start)
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await reached(handle.read(bytes, filled, bytes.length - filled, start + filled), name)
    if (bytesRead === 0)
      throw new AtlasError('source/unreachable', `${name}: ends at byte ${start + filled} while read`)
    filled += bytesRead
  }
  return bytes
}

/** The description of a parquet file in its footer; a file without one is `format/malformed`. */
export async function readParquetFooter(file: ParquetFile): Promise<FileMetaData> {
  const { name, byteLength } = file
  const start = Buffer.from(await file.slice(0, Math.min(MARK.length, byteLength))).toString('latin1')
  const tail = Buffer.from(await file.slice(Math.max(0, byteLength - TAIL_BYTES), byteLength))
  const end = tail.toString('latin1', tail.length - MARK.length)
  if (end === 'PARE') throw new AtlasError('format/unsupported', `${name}: is an encrypted parquet file`)
  if (start !== MARK || end !== MARK || byteLength < MARK.length + TAIL_BYTES) {
    const found = `begins with ${JSON.stringify(start)} and ends with ${JSON.stringify(end)}`
    throw malformed(`${name}: is not a whole parquet file, it ${found}, expected "${MARK}" for both`)
  }
  const footerLength = tail.readUInt32LE(0)
  if (footerLength > MAX_PARQUET_FOOTER_BYTES) {
    const message = `${name}: parquet footer has ${footerLength} bytes, limit ${MAX_PARQUET_FOOTER_BYTES}`
    throw new AtlasError('format/too-large', message, { details: { footerLength, limit: MAX_PARQUET_FOOTER_BYTES } })
  }
  const footer = await file.slice(byteLength - TAIL_BYTES - footerLength, byteLength)
  try {
    return parquetMetadata(footer, { geoparquet: false })
  } catch (cause) {
    throw malformed(`${name}: parquet footer cannot be read`, cause)
  }
}

function malformed(message: string, cause?: unknown): AtlasError {
  return new AtlasError('format/malformed', message, { cause })
}
