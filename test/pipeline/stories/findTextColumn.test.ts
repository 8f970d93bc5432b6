import type { ColumnMetaData, FileMetaData, SchemaElement } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { findTextColumn } from '../../../pipeline/stories/findTextColumn.ts'

const COLUMN: SchemaElement = { name: 'story', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' }
const TEXT: Partial<SchemaElement> = { converted_type: 'UTF8' }

interface Bent {
  readonly element?: Partial<SchemaElement>
  readonly path?: readonly string[]
  readonly file_path?: string
  readonly codec?: ColumnMetaData['codec']
}

/** A file of one column and one row group of ten rows. */
function buildMetadata({ element = TEXT, path = ['story'], file_path, codec = 'ZSTD' }: Bent = {}): FileMetaData {
  const metadata: ColumnMetaData = {
    type: 'BYTE_ARRAY',
    encodings: ['PLAIN'],
    path_in_schema: [...path],
    codec,
    num_values: 10n,
    total_uncompressed_size: 100n,
    total_compressed_size: 100n,
    data_page_offset: 4n,
  }
  const place = file_path === undefined ? {} : { file_path }
  return {
    version: 2,
    schema: [
      { name: 'root', num_children: 1 },
      { ...COLUMN, ...element },
    ],
    num_rows: 10n,
    row_groups: [
      { columns: [{ file_offset: 0n, meta_data: metadata, ...place }], total_byte_size: 100n, num_rows: 10n },
    ],
    metadata_length: 100,
  }
}

const find = (bent: Bent): unknown => findTextColumn(buildMetadata(bent), 'story', 'a.parquet')

describe('a column of text', () => {
  test('is found by name, with its part in each row group', () => {
    const { schemaPath, parts } = findTextColumn(buildMetadata(), 'story', 'a.parquet')
    expect(schemaPath.map(({ element }) => element.name)).toEqual(['root', 'story'])
    expect(parts.map(({ rowCount, metadata }) => [rowCount, metadata.codec])).toEqual([[10, 'ZSTD']])
  })

  test.each<[string, Partial<SchemaElement>]>([
    ['is marked STRING', { logical_type: { type: 'STRING' } }],
    ['is marked ENUM', { converted_type: 'ENUM' }],
    ['is not marked at all', {}],
  ])('may be one that %s', (_, element) => {
    expect(() => find({ element })).not.toThrow()
  })

  test.each<[string, Bent, string]>([
    [
      'is repeated',
      { element: { ...TEXT, repetition_type: 'REPEATED' } },
      'column "story" is a repeated field, expected text',
    ],
    ['is marked JSON', { element: { converted_type: 'JSON' } }, 'column "story" is JSON, expected text'],
    [
      'has another type than its mark',
      { element: { ...TEXT, type: 'FIXED_LEN_BYTE_ARRAY' } },
      'column "story" is UTF8, expected text',
    ],
    ['a row group lacks', { path: ['text'] }, 'row group 1 lacks column "story"'],
    ['a row group has nested', { path: ['story', 'text'] }, 'row group 1 lacks column "story"'],
    ['lies in another file', { file_path: 'b.parquet' }, 'row group 1 keeps column "story" in another file, b.parquet'],
    [
      'is compressed in a way we do not read',
      { codec: 'LZO' },
      'row group 1: column "story" is compressed by LZO, expected one of UNCOMPRESSED, SNAPPY, GZIP, BROTLI, ZSTD',
    ],
  ])('is refused where it %s', (_, bent, message) => {
    expect(() => find(bent)).toThrow(message)
  })

  test('is refused where the schema ends too early', () => {
    const metadata = buildMetadata()
    metadata.schema[0] = { name: 'root', num_children: 2 }
    expect(() => findTextColumn(metadata, 'story', 'a.parquet')).toThrow('a.parquet: parquet schema cannot be read')
  })
})
