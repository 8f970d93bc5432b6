import type { ReactNode } from 'react'
import type { AtlasErrorCode } from '../../core/errors/AtlasError.ts'

/** What a reader may try next, where the message alone does not say it. */
const NEXT_STEP: Partial<Record<AtlasErrorCode, string>> = {
  'source/unreachable': 'Check the connection, then try again.',
  'bundle/corrupt': 'The stored file is not what its manifest promises. Fetch or build the run again.',
  'bundle/version': 'Build the run again with this version of SPD Atlas, or open it with the version that wrote it.',
  'bundle/missing-file': 'Check the address of the run; if it is right, not all of its files are published there.',
  'worker/died': 'Trying again starts a fresh worker. If it ends again, the tab may be out of memory.',
  'backend/unavailable': 'Try another browser, or a machine with more memory.',
}

interface ErrorNoteProps {
  readonly error: { readonly message: string; readonly code?: AtlasErrorCode }
  /** Level of the heading, 1 where the error is the page. */
  readonly level?: 1 | 2
  readonly title?: string
  readonly onRetry?: () => void
  /** Other ways on, as links or buttons. */
  readonly children?: ReactNode
}

/** A failure: what was found, what was expected and where, then what can be done. */
export function ErrorNote({ error, level = 2, title = 'Error', onRetry, children }: ErrorNoteProps) {
  const Heading = level === 1 ? 'h1' : 'h2'
  const step = error.code === undefined ? undefined : NEXT_STEP[error.code]
  return (
    <div className="error" role="alert">
      <Heading>
        <span aria-hidden="true">! </span>
        {title}
      </Heading>
      <p className="what mono">{error.message}</p>
      {step !== undefined && <p className="note">{step}</p>}
      <div className="row">
        {onRetry !== undefined && (
          <button className="b" type="button" onClick={onRetry}>
            Try again
          </button>
        )}
        {children}
      </div>
    </div>
  )
}
