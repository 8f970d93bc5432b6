import type { AtlasErrorCode, ErrorDetails } from '../../core/errors/AtlasError.ts'

/** A failure crosses a worker boundary as data: structured clone keeps neither the class nor the code of an error. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ReplyError }

export interface ReplyError {
  /** 'bug' for anything but an AtlasError. */
  readonly code: AtlasErrorCode | 'bug'
  readonly message: string
  readonly details: ErrorDetails
}
