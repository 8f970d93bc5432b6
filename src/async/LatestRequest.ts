import type { OnProgress, Progress } from '../../core/progress/Progress.ts'

/** What is known of an answer: nothing yet, a failure, or a value that a newer request may be about to replace. */
export type RequestState<T> =
  | { readonly kind: 'loading'; readonly progress: Progress | null }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'ready'; readonly value: T; readonly isUpdating: boolean }

/** Asks for a value; may report progress until it is answered. */
export type Ask<T> = (onProgress: OnProgress) => Promise<T>

/** Holds the answer to the latest of several requests; answers and progress of earlier ones are dropped. */
export class LatestRequest<T> {
  #state: RequestState<T> = { kind: 'loading', progress: null }
  #key: string | null = null
  #number = 0
  readonly #listeners = new Set<() => void>()

  readonly getState = (): RequestState<T> => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What the latest request asks for; null before the first. */
  get key(): string | null {
    return this.#key
  }

  /** Replaces whatever was asked before; a value already there stays, marked as updating. */
  start(key: string, ask: Ask<T>): void {
    this.#key = key
    this.#number += 1
    const number = this.#number
    const setIfLatest = (state: RequestState<T>) => {
      if (number === this.#number) this.#set(state)
    }
    this.#set(awaiting(this.#state))
    ask((progress) => {
      if (this.#state.kind === 'loading') setIfLatest({ kind: 'loading', progress })
    }).then(
      (value) => setIfLatest({ kind: 'ready', value, isUpdating: false }),
      (error: unknown) => setIfLatest({ kind: 'failed', error: toError(error) }),
    )
  }

  /** Drops the answer under way. */
  drop(): void {
    this.#number += 1
  }

  #set(state: RequestState<T>): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** The state in which `state` waits for another answer. */
export function awaiting<T>(state: RequestState<T>): RequestState<T> {
  return state.kind === 'ready' ? { ...state, isUpdating: true } : { kind: 'loading', progress: null }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
