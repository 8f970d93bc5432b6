/** A window of a result. */
export interface RowPage<Row> {
  /** Rows of the whole result. */
  readonly total: number
  readonly rows: readonly Row[]
}

export type FetchPage<Row> = (offset: number, limit: number) => Promise<RowPage<Row>>

/** Rows known of a result that is fetched in windows; pages of an older result stay until the newer one's first comes. */
export type RowsState<Row> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly error: Error }
  | {
      readonly kind: 'ready'
      readonly total: number
      readonly pages: ReadonlyMap<number, readonly Row[]>
      readonly isUpdating: boolean
    }

/** Rows fetched at once. */
export const PAGE_SIZE = 100
/** Pages kept; the rest is fetched again when scrolled to. */
const KEPT_PAGES = 40

/** The row at `index`; undefined while it is on its way. */
export function rowAt<Row>({ pages }: { readonly pages: ReadonlyMap<number, readonly Row[]> }, index: number) {
  return pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE]
}

/** Fetches the pages of a result as they come into view; answers about an older result are dropped. */
export class RowWindows<Row> {
  #state: RowsState<Row> = { kind: 'loading' }
  #number = 0
  #fetchPage: FetchPage<Row> | null = null
  #asked = new Set<number>()
  readonly #listeners = new Set<() => void>()

  readonly getState = (): RowsState<Row> => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Turns to another result, whose page of row `firstRow` is fetched first. */
  start(fetchPage: FetchPage<Row>, firstRow: number): void {
    this.#number += 1
    this.#fetchPage = fetchPage
    this.#asked = new Set()
    this.#set(this.#state.kind === 'ready' ? { ...this.#state, isUpdating: true } : { kind: 'loading' })
    this.#ask(Math.floor(firstRow / PAGE_SIZE))
  }

  /** Sees to it that the rows from `start` to `end`, half-open, are there or on their way. */
  need(start: number, end: number): void {
    if (this.#state.kind !== 'ready' || this.#state.isUpdating || end <= start) return
    const last = Math.floor((Math.min(end, this.#state.total) - 1) / PAGE_SIZE)
    for (let page = Math.floor(start / PAGE_SIZE); page <= last; page++) {
      if (!this.#state.pages.has(page)) this.#ask(page)
    }
  }

  /** Drops every answer under way. */
  drop(): void {
    this.#number += 1
  }

  #ask(page: number): void {
    if (this.#fetchPage === null || this.#asked.has(page)) return
    this.#asked.add(page)
    const number = this.#number
    this.#fetchPage(page * PAGE_SIZE, PAGE_SIZE).then(
      (answer) => number === this.#number && this.#take(page, answer),
      (error: unknown) => number === this.#number && this.#fail(error),
    )
  }

  #take(page: number, { total, rows }: RowPage<Row>): void {
    this.#asked.delete(page)
    const isFirst = this.#state.kind !== 'ready' || this.#state.isUpdating
    const pages = new Map(isFirst || this.#state.kind !== 'ready' ? [] : this.#state.pages)
    pages.set(page, rows)
    const [oldest] = pages.keys()
    if (pages.size > KEPT_PAGES && oldest !== undefined) pages.delete(oldest)
    this.#set({ kind: 'ready', total, pages, isUpdating: false })
  }

  #fail(error: unknown): void {
    this.#set({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) })
  }

  #set(state: RowsState<Row>): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
