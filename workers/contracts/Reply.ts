import type { AtlasErrorCode, ErrorDetails } from '../../core/errors/AtlasError.ts'

/** A failure crosses a worker boundary as data: structured clone keeps neither the class nor the code of an error. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ReplyError }

export interface ReplyError {
  /** 'bug' for anything but an AtlasError. */
  readonly code: AtlasErrorCode | 'bug'
  readonly message: string
  readonly details: ErrorDetails
}

/** Bytes done and to do, true ones: of the stored files. */
export interface Progress {
  readonly label: string
  readonly done: number
  readonly total: number
  readonly unit: 'bytes' | 'stories' | 'positions' | 'modules'
}
export type OnProgress = (progress: Progress) => void
