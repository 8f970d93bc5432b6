import { type ColumnMetaData, type FileMetaData, parquetSchema, type RowGroup, type SchemaTree } from 'hyparquet'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { listNames } from './listNames.ts'

/** Compressions we read: hyparquet's own and those of parquetCompressors. */
const CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD']

/** A column of text in a parquet file. */
export interface TextColumn {
  /** The schema's root and the column. */
  readonly schemaPath: readonly [SchemaTree, SchemaTree]
  /** Its part in each row group. */
  readonly parts: readonly TextColumnPart[]
}

/** A row group's part of a column. */
export interface TextColumnPart {
  readonly rowCount: number
  readonly metadata: ColumnMetaData
}

/** The column called `field`; refused where there is none, listing those there are, and where it is not of text. */
export function findTextColumn(metadata: FileMetaData, field: string, name: string): TextColumn {
  const root = readSchema(metadata, name)
  const column = root.children.find(({ element }) => element.name === field)
  if (column === undefined) {
    const names = root.children.map(({ element }) => element.name)
    throw malformed(`${name}: has no column "${field}", its columns are ${listNames(names)}`)
  }
  const otherType = describeOtherType(column)
  if (otherType !== null) throw malformed(`${name}: column "${field}" is ${otherType}, expected text`)
  const parts = metadata.row_groups.map((group, i) => findPart(group, field, `${name}: row group ${i + 1}`))
  return { schemaPath: [root, column], parts }
}

function readSchema(metadata: FileMetaData, name: string): SchemaTree {
  try {
    return parquetSchema(metadata)
  } catch (cause) {
    throw malformed(`${name}: parquet schema cannot be read`, cause)
  }
}

function findPart(group: RowGroup, field: string, place: string): TextColumnPart {
  // Of a damaged footer hyparquet makes values that its types exclude, such as false for meta_data.
  const chunk = group.columns.find(({ meta_data: meta }) => {
    return meta?.path_in_schema?.length === 1 && meta.path_in_schema[0] === field
  })
  if (chunk?.meta_data === undefined) throw malformed(`${place} lacks column "${field}"`)
  if (chunk.file_path) {
    throw new AtlasError('format/unsupported', `${place} keeps column "${field}" in another file, ${chunk.file_path}`)
  }
  const { codec } = chunk.meta_data
  if (!CODECS.includes(codec)) {
    const message = `${place}: column "${field}" is compressed by ${codec}, expected one of ${CODECS.join(', ')}`
    throw new AtlasError('format/unsupported', message, { details: { codec } })
  }
  return { rowCount: Number(group.num_rows), metadata: chunk.meta_data }
}

/** Null for a plain column of text; bytes without a type of their own are text in what many writers make. */
function describeOtherType({ element, children }: SchemaTree): string | null {
  const type = element.logical_type?.type ?? element.converted_type ?? element.type ?? 'group'
  if (children.length > 0) return `nested (${type})`
  if (element.repetition_type === 'REPEATED') return 'a repeated field'
  const isText = element.type === 'BYTE_ARRAY' && ['STRING', 'UTF8', 'ENUM', 'BYTE_ARRAY'].includes(type)
  return isText ? null : type
}

function malformed(message: string, cause?: unknown): AtlasError {
  return new AtlasError('format/malformed', message, { cause })
}
