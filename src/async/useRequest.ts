import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { type Ask, awaiting, LatestRequest, type RequestState } from './LatestRequest.ts'

/** As RequestState, but what failed is always a foreseen failure; `retry` asks again. */
export type Request<T> = RequestState<T> & { readonly retry: () => void }

/**
 * Asks whenever `key` changes; the newer request replaces the older, whose value stays visible as updating.
 * A failure that is not an AtlasError is thrown to the error boundary.
 */
export function useRequest<T>(key: string, ask: Ask<T>): Request<T> {
  const [latest] = useState(() => new LatestRequest<T>())
  const [attempt, setAttempt] = useState(0)
  const state = useSyncExternalStore(latest.subscribe, latest.getState)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key names what `ask` asks for; an attempt asks it again
  useEffect(() => {
    latest.start(key, ask)
    return () => latest.drop()
  }, [latest, key, attempt])

  const retry = useCallback(() => setAttempt((count) => count + 1), [])
  if (state.kind === 'failed' && !(state.error instanceof AtlasError)) throw state.error
  return { ...(latest.key === key ? state : awaiting(state)), retry }
}
