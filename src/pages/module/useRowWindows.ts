import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import { type FetchPage, type RowsState, RowWindows } from './RowWindows.ts'

interface Rows<Row> {
  readonly state: RowsState<Row>
  /** Call with the rows in view, half-open. */
  readonly need: (start: number, end: number) => void
  readonly retry: () => void
}

/** The result of `key`, fetched window by window from the one of `firstRow`; what nobody foresaw goes to the error boundary. */
export function useRowWindows<Row>(key: string, fetchPage: FetchPage<Row>, firstRow: number): Rows<Row> {
  const [windows] = useState(() => new RowWindows<Row>())
  const [attempt, setAttempt] = useState(0)
  const state = useSyncExternalStore(windows.subscribe, windows.getState)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key names what `fetchPage` fetches; an attempt fetches again
  useEffect(() => {
    windows.start(fetchPage, firstRow)
    return () => windows.drop()
  }, [windows, key, attempt])

  if (state.kind === 'failed' && !(state.error instanceof AtlasError)) throw state.error
  return {
    state,
    need: useCallback((start, end) => windows.need(start, end), [windows]),
    retry: useCallback(() => setAttempt((count) => count + 1), []),
  }
}
