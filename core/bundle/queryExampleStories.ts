import { type IndexDatabase, queryRows } from './IndexDatabase.ts'

/** A short story of the corpus, to click on. */
export interface ExampleStoryRow {
  /** Index in the corpus. */
  readonly story: number
  /** Its first words. */
  readonly title: string
  readonly text: string
}

/** The example stories of the index. */
export function queryExampleStories(summary: IndexDatabase): ExampleStoryRow[] {
  return queryRows(summary, 'SELECT * FROM example_story ORDER BY rank', [], (row) => ({
    story: row.integer('story'),
    title: row.text('title'),
    text: row.text('text'),
  }))
}
