import { AtlasError } from '../../core/errors/AtlasError.ts'
import { decodeStoryText } from './decodeStoryText.ts'
import { findTextColumn } from './findTextColumn.ts'
import { openParquet, readParquetFooter } from './openParquet.ts'
import { readColumnPages } from './readColumnPages.ts'
import type { PlacedText } from './Story.ts'
import { MAX_STORY_BYTES } from './storyLimits.ts'

/** Stories handed on at a time. */
const BATCH_ROWS = 1000

/**
 * The stories of a parquet file: the rows of column `field`, which must all hold text. Memory is that of one page and
 * the dictionary.
 */
export async function* readParquetStories(
  path: string,
  { name, field }: { readonly name: string; readonly field: string },
): AsyncGenerator<readonly PlacedText[]> {
  const file = await openParquet(path, name)
  try {
    const column = findTextColumn(await readParquetFooter(file), field, name)
    let row = 0
    for (const part of column.parts) {
      for await (const values of readColumnPages(file, column, part)) {
        for (let start = 0; start < values.length; start += BATCH_ROWS) {
          const batch = Array.from(values.slice(start, start + BATCH_ROWS))
          yield batch.map((value, i) => readRow(value, field, `${name}:${row + i + 1}`, row + i + 1))
          row += batch.length
        }
      }
    }
  } finally {
    await file.close()
  }
}

function readRow(value: unknown, field: string, place: string, at: number): PlacedText {
  if (!(value instanceof Uint8Array)) {
    const found = value === null ? 'null' : 'nothing'
    throw new AtlasError('format/malformed', `${place}: column "${field}" holds ${found}, expected text`)
  }
  if (value.length > MAX_STORY_BYTES) {
    const message = `${place}: story of ${value.length} bytes, limit ${MAX_STORY_BYTES}`
    throw new AtlasError('format/too-large', message, { details: { row: at, limit: MAX_STORY_BYTES } })
  }
  return { text: decodeStoryText(value, place), at }
}
