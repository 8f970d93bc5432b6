import { STORIES_SCHEMA } from '../detailSchema.ts'
import type { SqlEngine } from '../IndexDatabase.ts'
import { encodeVarints } from '../varints.ts'
import type { IndexFile } from './IndexFile.ts'
import { writeIndexFile } from './writeIndexFile.ts'

/** Most bytes of token ids in a file of stories, so that opening one story moves little. */
const STORIES_FILE_BYTES = 512 * 1024

/** The files of the corpus. */
export function* buildStories(engine: SqlEngine, stories: readonly Uint32Array[]): Generator<IndexFile> {
  for (let start = 0; start < stories.length; ) {
    const rows: { story: number; token_ids: Uint8Array }[] = []
    let byteLength = 0
    for (let story = start; story < stories.length; story++) {
      const blob = encodeVarints(stories[story] ?? [])
      byteLength += blob.length
      if (story > start && byteLength > STORIES_FILE_BYTES) break
      rows.push({ story, token_ids: blob })
    }
    const end = start + rows.length
    const bytes = writeIndexFile(engine, STORIES_SCHEMA, (writer) => writer.insert('story', rows))
    yield { path: `index/stories-${start}.sqlite`, bytes, content: { kind: 'stories', start, end } }
    start = end
  }
}
