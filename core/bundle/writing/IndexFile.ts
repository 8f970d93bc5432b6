/** One SQLite file of an index. */
export interface IndexFile {
  /** Inside the bundle, e.g. "index/summary.sqlite". */
  readonly path: string
  readonly bytes: Uint8Array
  readonly content:
    | { readonly kind: 'summary' }
    /** Subcomponents start ≤ c < end of `module`. */
    | { readonly kind: 'detail'; readonly module: string; readonly start: number; readonly end: number }
    /** Stories start ≤ story < end of the corpus. */
    | { readonly kind: 'stories'; readonly start: number; readonly end: number }
}
