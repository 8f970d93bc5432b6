import type { Manifest } from '../core/bundle/manifest.ts'
import type { IndexSource } from '../core/bundle/writing/IndexSource.ts'

/** A harvest, opened to be made into an index. */
export interface IndexInput {
  readonly source: IndexSource
  /** What the manifest will say of it. */
  readonly corpus: NonNullable<Manifest['corpus']>
  close(): Promise<void>
}
