/** One story of a corpus. */
export interface Story {
  readonly text: string
  /** Name of its file, with as many folders as tell it from the corpus' other files, e.g. "train/0000.parquet". */
  readonly source: string
  /** Number of the story within its source, from 0. */
  readonly index: number
  /** Its source and the line where it starts, in a .parquet file its row; both from 1, e.g. "stories.jsonl:17". */
  readonly place: string
}

/** What stands between the stories of a .txt file: lines of white space, or `<|endoftext|>`. */
export type StorySeparator = 'blank-line' | 'endoftext'

/** A file of stories; whatever its format, the stories are read in the order it holds them. */
export interface StoryFile {
  readonly path: string
  /** See `Story.source`. */
  readonly source: string
  readonly format: 'jsonl' | 'txt' | 'parquet'
  readonly isGzipped: boolean
}

/** Text of a story and the line or row where its file has it, from 1. */
export interface PlacedText {
  readonly text: string
  readonly at: number
}
