import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { readTableState, type TablePreset, type TableState, writeTableState } from './tableState.ts'

/** The table's state and the row a reader left, both kept in the address of the page. */
export function useTableState(preset: TablePreset) {
  const [params, setParams] = useSearchParams()
  const state = useMemo(() => readTableState(params, preset), [params, preset])
  const setState = useCallback(
    (next: TableState) => setParams(writeTableState(next, preset), { replace: true, preventScrollReset: true }),
    [setParams, preset],
  )
  /** Going back from an opened page comes back to this row. */
  const rememberRow = useCallback(
    (row: number) => {
      const next = writeTableState(state, preset)
      next.set('row', String(row))
      setParams(next, { replace: true, preventScrollReset: true })
    },
    [setParams, state, preset],
  )
  return { state, setState, rememberRow, row: readRow(params.get('row')) }
}

function readRow(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null
}
