import type { IndexDatabase } from '../../core/bundle/IndexDatabase.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import type { BundleIndex } from '../node/openBundleIndex.ts'

/** A row under the names of the methods page. `top_tokens` are pairs of token and count, most frequent first. */
export type TableRow = Readonly<
  Record<string, string | number | boolean | null | readonly (readonly [string, number])[]>
>

/** What the rows of a table are read from. */
export interface TableSource {
  readonly manifest: Manifest
  readonly index: BundleIndex
  readonly summary: IndexDatabase
  /** The summary, or the file of another level. */
  readonly level: IndexDatabase
  /** Of `level`. */
  readonly threshold: number
}
