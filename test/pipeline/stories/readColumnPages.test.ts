import { describe, expect, test } from 'vitest'
import type { TextColumn, TextColumnPart } from '../../../pipeline/stories/findTextColumn.ts'
import type { ParquetFile } from '../../../pipeline/stories/openParquet.ts'
import { readColumnPages } from '../../../pipeline/stories/readColumnPages.ts'

/** Compact thrift: an i32 field that follows the one before it, zigzag varint. */
function i32(value: number): number[] {
  return [0x15, ...varint(value >= 0 ? 2 * value : -2 * value - 1)]
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return [...bytes, value]
}

interface PageOptions {
  readonly packedLength?: number
  readonly length?: number
  readonly valueCount?: number
  /** Bytes of the greatest value that the header's statistics keep. */
  readonly statisticBytes?: number
}

/** A data page of texts, plain and not compressed: parquet.thrift's PageHeader, then length and bytes of each. */
function buildPage(texts: readonly string[], bent: PageOptions = {}): number[] {
  const body = texts.flatMap((text) => [text.length, 0, 0, 0, ...Buffer.from(text)])
  const { packedLength = body.length, length = body.length, valueCount = texts.length, statisticBytes = 0 } = bent
  // PageHeader: 1 type = DATA_PAGE, 2 length, 3 packed length, 5 data_page_header
  //   DataPageHeader: 1 num_values, 2 encoding = PLAIN, 3 and 4 the levels' encodings = RLE, 5 statistics
  const statistics = [0x1c, 0x18, ...varint(statisticBytes), ...new Array<number>(statisticBytes).fill(97), 0]
  const dataPage = [...i32(valueCount), ...i32(0), ...i32(3), ...i32(3), ...statistics, 0]
  return [...i32(0), ...i32(length), ...i32(packedLength), 0x2c, ...dataPage, 0, ...body]
}

/** A data page of the second format: parquet.thrift's DataPageHeaderV2, in its order. */
function buildPageV2(texts: readonly string[], bent: Readonly<Record<string, number | null>> = {}): number[] {
  const body = texts.flatMap((text) => [text.length, 0, 0, 0, ...Buffer.from(text)])
  const count = texts.length
  const plain = { values: count, nulls: 0, rows: count, encoding: 0, definitionLength: 0, repetitionLength: 0 }
  const numbers = Object.values({ ...plain, ...bent })
  const header = numbers.flatMap((value) => (value === null ? [] : i32(value)))
  return [...i32(3), ...i32(body.length), ...i32(body.length), 0x5c, ...header, 0, 0, ...body]
}

/** Byte of the file at which the column starts. */
const START = 4

async function readTexts(pages: readonly number[], rowCount: number): Promise<readonly string[]> {
  const bytes = [...new Array<number>(START).fill(0), ...pages]
  const file: ParquetFile = {
    name: 'a.parquet',
    byteLength: bytes.length,
    slice: async (start, end) => Uint8Array.from(bytes.slice(start, end)),
    close: async () => {},
  }
  const root = { element: { name: 'root', num_children: 1 }, children: [], count: 2, path: [] }
  const element = { name: 'story', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const
  const column: TextColumn = { schemaPath: [root, { element, children: [], count: 1, path: ['story'] }], parts: [] }
  const texts: string[] = []
  for await (const values of readColumnPages(file, column, { rowCount, metadata: metadataOf(pages.length) })) {
    for (const value of values) texts.push(Buffer.from(value).toString())
  }
  return texts
}

function metadataOf(byteLength: number): TextColumnPart['metadata'] {
  return {
    type: 'BYTE_ARRAY',
    encodings: ['PLAIN'],
    path_in_schema: ['story'],
    codec: 'UNCOMPRESSED',
    num_values: 0n,
    total_uncompressed_size: BigInt(byteLength),
    total_compressed_size: BigInt(byteLength),
    data_page_offset: BigInt(START),
    dictionary_page_offset: 0n,
  }
}

describe('pages of a parquet column', () => {
  // Header of 21 bytes, then 4 + 4 bytes for each of the two texts.
  const first = buildPage(['One.', 'Two.'])

  test('give their values one after the other', async () => {
    expect(await readTexts([...first, ...buildPage(['Three.'])], 3)).toEqual(['One.', 'Two.', 'Three.'])
  })

  test('may have headers longer than what is read for one at first', async () => {
    const pages = [...buildPage(['One.'], { statisticBytes: 70_000 }), ...buildPage(['Two.'])]
    expect(await readTexts(pages, 2)).toEqual(['One.', 'Two.'])
  })

  test('may be followed by other bytes once all rows are read', async () => {
    expect(await readTexts([...first, 255, 255, 255], 2)).toEqual(['One.', 'Two.'])
  })

  test('are refused with a header beyond the limit', async () => {
    const pages = buildPage(['One.'], { statisticBytes: 2 ** 20 })
    await expect(readTexts(pages, 1)).rejects.toThrow(
      'a.parquet: parquet page at byte 4 has a header that cannot be read',
    )
  })

  test('are refused with a header that does not end', async () => {
    const message = `a.parquet: parquet page at byte ${START + first.length} has a header that cannot be read`
    await expect(readTexts([...first, ...first.slice(0, 8)], 4)).rejects.toThrow(message)
  })

  test.each([
    ['a negative packed length', { packedLength: -20 }, 'parquet page at byte 4: packed length is -20'],
    [
      'a packed length beyond the column',
      { packedLength: 17 },
      'parquet page at byte 4 ends at byte 42, its column at byte 41',
    ],
    ['a length beyond the limit', { length: 2 ** 30 }, 'parquet page at byte 4: length is 1073741824, limit 536870912'],
    ['a negative number of values', { valueCount: -1 }, 'parquet page at byte 4: number of values is -1'],
    [
      'more values than the limit',
      { valueCount: 2 ** 24 + 1 },
      'parquet page at byte 4: number of values is 16777217, limit 16777216',
    ],
    [
      'more values than it holds',
      { valueCount: 3 },
      'parquet page at byte 4 cannot be read (Offset is outside the bounds of the DataView)',
    ],
    ['another length than the header says', { length: 15 }, 'parquet page at byte 4 cannot be read'],
  ] as const)('are refused with %s', async (_, bent, message) => {
    await expect(readTexts(buildPage(['One.', 'Two.'], bent), 2)).rejects.toThrow(`a.parquet: ${message}`)
  })

  test('of the second format give their values', async () => {
    expect(await readTexts([...buildPageV2(['One.', 'Two.']), ...buildPageV2(['Three.'])], 3)).toEqual([
      'One.',
      'Two.',
      'Three.',
    ])
  })

  test.each([
    [{ nulls: -1 }, 'number of nulls is -1'],
    [{ nulls: 3 }, 'number of nulls is 3, limit 2'],
    [{ rows: 3 }, 'number of rows is 3, limit 2'],
    [{ definitionLength: -8 }, 'length of definition levels is -8'],
    [{ definitionLength: 17 }, 'length of definition levels is 17, limit 16'],
    [{ repetitionLength: 17 }, 'length of repetition levels is 17, limit 16'],
    [{ repetitionLength: null }, 'length of repetition levels is undefined'],
  ])('of the second format are refused with %j', async (bent, message) => {
    const pages = buildPageV2(['One.', 'Two.'], bent)
    await expect(readTexts(pages, 2)).rejects.toThrow(`a.parquet: parquet page at byte 4: ${message}`)
  })

  test.each([1, 3])('are refused where they hold two values and the row group has %i rows', async (rowCount) => {
    const message = `a.parquet: column "story" has 2 values in a row group of ${rowCount} rows`
    await expect(readTexts(first, rowCount)).rejects.toThrow(message)
  })
})
