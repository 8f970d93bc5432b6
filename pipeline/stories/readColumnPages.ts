import type { DecodedArray, PageHeader } from 'hyparquet'
import { parquetHeader, readPage } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { TextColumn, TextColumnPart } from './findTextColumn.ts'
import type { ParquetFile } from './openParquet.ts'
import { parquetCompressors } from './parquetCompressors.ts'
import { MAX_PARQUET_PAGE_BYTES, MAX_PARQUET_PAGE_HEADER_BYTES, MAX_PARQUET_PAGE_VALUES } from './storyLimits.ts'

/** Bytes read for a page's header before its length is known. */
const HEADER_WINDOW_BYTES = 2 ** 12

type ColumnDecoder = Parameters<typeof readPage>[2]

/**
 * The values of a row group's part of a text column, page by page: the bytes of each text, or null. hyparquet reads a
 * row group whole, which for the million rows of a usual one is gigabytes; its page reader is the same at a page a time.
 * That reader trusts the run lengths within a page, so a file made to harm can still exhaust memory; a damaged one is
 * refused.
 */
export async function* readColumnPages(
  file: ParquetFile,
  { schemaPath }: TextColumn,
  { metadata, rowCount }: TextColumnPart,
): AsyncGenerator<DecodedArray> {
  const decoder = createDecoder(schemaPath, metadata)
  // A dictionary offset of 0 is what some writers put for none.
  const start = Number(metadata.dictionary_page_offset || metadata.data_page_offset)
  const end = start + Number(metadata.total_compressed_size)
  let dictionary: DecodedArray | undefined
  let readCount = 0
  for (let offset = start; offset < end && readCount < rowCount; ) {
    const page = await readPageBytes(file, offset, end)
    const values = decodePage(page, decoder, dictionary)
    if (page.header.type === 'DICTIONARY_PAGE') dictionary = values
    else {
      readCount += values.length
      yield values
    }
    offset = page.end
  }
  if (readCount === rowCount) return
  const message = `${file.name}: column "${schemaPath[1].element.name}" has ${readCount} values in a row group of ${rowCount} rows`
  throw new AtlasError('format/malformed', message)
}

function createDecoder(schemaPath: TextColumn['schemaPath'], metadata: TextColumnPart['metadata']): ColumnDecoder {
  return {
    pathInSchema: metadata.path_in_schema,
    type: metadata.type,
    codec: metadata.codec,
    element: schemaPath[1].element,
    schemaPath: [...schemaPath],
    compressors: parquetCompressors,
    // hyparquet's own reading of UTF-8 puts U+FFFD for what is none.
    parsers: { ...DEFAULT_PARSERS, stringFromBytes: (bytes) => bytes },
  }
}

interface PageBytes {
  readonly header: PageHeader
  readonly body: Uint8Array
  readonly end: number
  readonly place: string
}

async function readPageBytes(file: ParquetFile, offset: number, end: number): Promise<PageBytes> {
  const place = `${file.name}: parquet page at byte ${offset}`
  const { header, byteLength } = await readPageHeader(file, { offset, end, place })
  assertPage(header, place)
  const bodyStart = offset + byteLength
  const bodyEnd = bodyStart + header.compressed_page_size
  if (bodyEnd > end) throw malformed(`${place} ends at byte ${bodyEnd}, its column at byte ${end}`)
  return { header, body: await file.slice(bodyStart, bodyEnd), end: bodyEnd, place }
}

async function readPageHeader(
  file: ParquetFile,
  { offset, end, place }: { readonly offset: number; readonly end: number; readonly place: string },
): Promise<{ readonly header: PageHeader; readonly byteLength: number }> {
  for (let window = HEADER_WINDOW_BYTES; ; window *= 4) {
    const bytes = await file.slice(offset, Math.min(offset + window, end))
    const reader = { view: new DataView(bytes.buffer), offset: 0 }
    try {
      const header = parquetHeader(reader)
      return { header, byteLength: reader.offset }
    } catch (cause) {
      // A header longer than the window reads as broken, so that only a window with nothing beyond it decides.
      const isDecided = offset + window >= end || window >= MAX_PARQUET_PAGE_HEADER_BYTES
      if (isDecided) throw malformed(`${place} has a header that cannot be read`, cause)
    }
  }
}

/** Holds a header to the limits, and to having every number that hyparquet takes for granted. */
function assertPage(header: PageHeader, place: string): void {
  const packedLength = header.compressed_page_size
  assertWithin(packedLength, MAX_PARQUET_PAGE_BYTES, `${place}: packed length`)
  assertWithin(header.uncompressed_page_size, MAX_PARQUET_PAGE_BYTES, `${place}: length`)
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header
  const valueCount = (v1 ?? v2 ?? dictionary)?.num_values
  assertWithin(valueCount, MAX_PARQUET_PAGE_VALUES, `${place}: number of values`)
  if (v2 === undefined) return
  assertWithin(v2.num_nulls, valueCount, `${place}: number of nulls`)
  assertWithin(v2.num_rows, valueCount, `${place}: number of rows`)
  assertWithin(v2.repetition_levels_byte_length, packedLength, `${place}: length of repetition levels`)
  assertWithin(v2.definition_levels_byte_length, packedLength, `${place}: length of definition levels`)
}

function assertWithin(found: number | undefined, limit: number, subject: string): asserts found is number {
  if (found === undefined || !Number.isInteger(found) || found < 0) throw malformed(`${subject} is ${found}`)
  if (found <= limit) return
  throw new AtlasError('format/too-large', `${subject} is ${found}, limit ${limit}`, { details: { found, limit } })
}

function decodePage(page: PageBytes, decoder: ColumnDecoder, dictionary: DecodedArray | undefined): DecodedArray {
  const { header, body, place } = page
  try {
    const { data } = readPage({ view: new DataView(body.buffer), offset: 0 }, header, decoder, dictionary, undefined, 0)
    return data ?? []
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw malformed(`${place} cannot be read (${reason})`, cause)
  }
}

function malformed(message: string, cause?: unknown): AtlasError {
  return new AtlasError('format/malformed', message, { cause })
}
