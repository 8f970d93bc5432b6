import type { HarvestedModule } from '../../statistics/HarvestedModule.ts'

/** Everything an index is built from: a harvest, and what the bundle knows of its modules and tokens. */
export interface IndexSource {
  readonly positionCount: number
  /** As the tokenizer writes them, one a row of the vocabulary; null where it has none. */
  readonly tokens: readonly (string | null)[]
  /** uint32[vocabulary]: T. */
  readonly occurrences: Uint32Array
  /** The corpus, every story's token ids. */
  readonly stories: readonly Uint32Array[]
  readonly exampleStories: readonly ExampleStory[]
  /** Positions an example's window reaches each way. */
  readonly windowRadius: number
  /** In order of execution. */
  readonly modules: readonly SourceModule[]
}

/** A short story of the corpus in its own words. */
export interface ExampleStory {
  /** Index in the corpus. */
  readonly story: number
  readonly text: string
}

export interface SourceModule {
  readonly path: string
  readonly layer: number | null
  readonly kind: string
  readonly C: number
  /** ‖U[c]‖₂ of each subcomponent. */
  readonly writeNorms: ArrayLike<number>
  /** Read when its turn comes, so that one module is in memory at a time. */
  readActivity(): Promise<HarvestedModule>
}
