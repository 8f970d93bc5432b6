/** One SQLite file of an index. */
export interface IndexFile {
  /** Inside the bundle, e.g. "index/summary.sqlite". */
  readonly path: string
  readonly bytes: Uint8Array
  readonly content:
    | { readonly kind: 'summary' }
    /** The summary's counts at another threshold than the run's. */
    | { readonly kind: 'level'; readonly threshold: number }
    /** Subcomponents start ≤ c < end of `module`. */
    | { readonly kind: 'detail'; readonly module: string; readonly start: number; readonly end: number }
    /** Tokens start ≤ id < end: the subcomponents each activates. */
    | { readonly kind: 'tokens'; readonly start: number; readonly end: number }
    /** Stories start ≤ story < end of the corpus. */
    | { readonly kind: 'stories'; readonly start: number; readonly end: number }
}
