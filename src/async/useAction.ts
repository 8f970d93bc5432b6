import { useCallback, useRef, useState } from 'react'
import { AtlasError } from '../../core/errors/AtlasError.ts'

/** An action and why it last failed. */
export interface Action {
  /** Does it; a second call while the first is under way does nothing. */
  readonly run: () => void
  /** Why it last failed; null otherwise. */
  readonly error: AtlasError | null
}

/** Something a reader starts that ends later. A failure that is not an AtlasError is thrown to the error boundary. */
export function useAction(task: () => Promise<void>): Action {
  const [failure, setFailure] = useState<unknown>(null)
  const isRunning = useRef(false)
  const latest = useRef(task)
  latest.current = task
  const run = useCallback(() => {
    if (isRunning.current) return
    isRunning.current = true
    setFailure(null)
    latest
      .current()
      .catch(setFailure)
      .finally(() => {
        isRunning.current = false
      })
  }, [])
  if (failure !== null && !(failure instanceof AtlasError)) throw failure
  return { run, error: failure instanceof AtlasError ? failure : null }
}
