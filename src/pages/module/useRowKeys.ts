import { type KeyboardEvent, useEffect, useState } from 'react'
import type { SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import type { RowActions } from './GridRow.tsx'

/** Rows moved by Page Up and Page Down. */
const PAGE_ROWS = 10

interface RowKeysOptions {
  readonly total: number
  readonly chosen: number | null
  /** Undefined while it is on its way. */
  readonly chosenRow: SubcomponentTableRow | undefined
  readonly actions: RowActions
  readonly reveal: (index: number) => void
}

/** The row a key leads to from `chosen`; null for keys that lead nowhere. */
export function rowAfterKey(key: string, chosen: number | null, total: number): number | null {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: chosen === null ? 0 : chosen + 1,
    ArrowUp: (chosen ?? 1) - 1,
    PageDown: (chosen ?? 0) + PAGE_ROWS,
    PageUp: (chosen ?? 0) - PAGE_ROWS,
    Home: 0,
    End: total - 1,
  }
  const target = targets[key]
  return target === undefined || total === 0 ? null : Math.min(total - 1, Math.max(0, target))
}

/** Arrows, Home, End, Page Up and Down move the chosen row; Enter opens it, as soon as it is here. */
export function useRowKeys({ total, chosen, chosenRow, actions, reveal }: RowKeysOptions) {
  const [toOpen, setToOpen] = useState<number | null>(null)
  useEffect(() => {
    if (toOpen === null || toOpen !== chosen || chosenRow === undefined) return
    setToOpen(null)
    actions.open(chosenRow, toOpen)
  }, [toOpen, chosen, chosenRow, actions])

  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget) return
    const target = rowAfterKey(event.key, chosen, total)
    if (target !== null) {
      actions.choose(target)
      reveal(target)
    } else if (event.key === 'Enter' && chosen !== null) {
      setToOpen(chosen)
    } else {
      return
    }
    event.preventDefault()
  }
}
