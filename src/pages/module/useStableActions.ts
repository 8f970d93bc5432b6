import { useLayoutEffect, useMemo, useRef } from 'react'
import type { RowActions } from './GridRow.tsx'

/** Actions that always do what the latest rendering says, in an object that never changes. */
export function useStableActions(actions: RowActions): RowActions {
  const latest = useRef(actions)
  useLayoutEffect(() => {
    latest.current = actions
  })
  return useMemo(
    () => ({
      choose: (index) => latest.current.choose(index),
      follow: (index) => latest.current.follow(index),
      open: (row, index) => latest.current.open(row, index),
    }),
    [],
  )
}
