import { type CreateReadableOptions, type FileEntry, Reader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js'
import type { ByteSource } from '../bytes/ByteSource.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'

/** An opened zip: sizes known from its directory, files read when asked for. */
export interface ZipArchive {
  /** Uncompressed size in bytes by path. */
  readonly sizes: ReadonlyMap<string, number>
  /** The whole file, uncompressed. */
  read(path: string): Promise<Uint8Array>
  /** Bytes `start` to `end`, half-open, of a file stored as it is; a deflated one is `format/unsupported`. */
  slice(path: string, start: number, end: number): Promise<Uint8Array>
}

/** Bytes moved at a time; zip.js's own 64 KiB costs a read of a remote or dropped file each. */
const CHUNK_BYTES = 1 << 20

/** Opens a zip archive, stored or deflated, reading only its directory; a damaged one is `format/malformed`. */
export async function openZipArchive(source: ByteSource): Promise<ZipArchive> {
  const reader = new ZipReader(new SourceReader(source), { useWebWorkers: false })
  const entries = new Map<string, FileEntry>()
  for (const entry of await zipStep(source, 'zip directory', () => reader.getEntries())) {
    if (entry.directory) continue
    if (entries.has(entry.filename)) {
      throw new AtlasError('format/malformed', `${source.name}: zip holds ${entry.filename} twice`)
    }
    entries.set(entry.filename, entry)
  }
  const find = (path: string): FileEntry => {
    const entry = entries.get(path)
    invariant(entry !== undefined, `${source.name}: ${path} is not in the zip`)
    return entry
  }
  const starts = new Map<string, Promise<number>>()
  return {
    sizes: new Map([...entries].map(([path, entry]) => [path, entry.uncompressedSize])),
    async read(path) {
      const entry = find(path)
      return zipStep(source, path, () => entry.getData(new Uint8ArrayWriter()))
    },
    async slice(path, start, end) {
      const entry = find(path)
      invariant(0 <= start && start <= end && end <= entry.uncompressedSize, `${path}: slice ${start} to ${end}`)
      const known = starts.get(path) ?? findStoredBytes(source, entry)
      starts.set(path, known)
      const first = await known
      return source.slice(first + start, first + end)
    },
  }
}

/** Sizes and signature of a local file header (APPNOTE.TXT of PKWARE, 4.3.7). */
const LOCAL_HEADER_BYTES = 30
const LOCAL_HEADER_SIGNATURE = 0x04034b50

/** Where in `source` the bytes of a stored file begin: behind its local header, whose length only it knows. */
async function findStoredBytes(source: ByteSource, entry: FileEntry): Promise<number> {
  const { filename, offset, compressionMethod, uncompressedSize, encrypted } = entry
  if (compressionMethod !== 0 || encrypted) {
    throw new AtlasError('format/unsupported', `${source.name}: ${filename} is packed, expected it as it is`)
  }
  const isWithin = offset + LOCAL_HEADER_BYTES <= source.byteLength
  const header = isWithin ? await source.slice(offset, offset + LOCAL_HEADER_BYTES) : new Uint8Array(LOCAL_HEADER_BYTES)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const start = offset + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  if (view.getUint32(0, true) === LOCAL_HEADER_SIGNATURE && start + uncompressedSize <= source.byteLength) return start
  throw new AtlasError('format/malformed', `${source.name}: ${filename} does not lie where the zip directory says`)
}

/** zip.js's view of a byte source. */
class SourceReader extends Reader<ByteSource> {
  private readonly source: ByteSource

  constructor(source: ByteSource) {
    super(source)
    this.source = source
    this.size = source.byteLength
  }

  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const start = Math.min(index, this.size)
    return this.source.slice(start, Math.min(start + length, this.size))
  }

  override createReadable(options: CreateReadableOptions = {}): ReadableStream<Uint8Array> {
    return super.createReadable({ ...options, chunkSize: CHUNK_BYTES })
  }
}

/** A failure of zip.js as ours; one of the source passes as it is. */
async function zipStep<T>(source: ByteSource, place: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    if (cause instanceof AtlasError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('format/malformed', `${source.name}: ${place} cannot be read (${reason})`, { cause })
  }
}
