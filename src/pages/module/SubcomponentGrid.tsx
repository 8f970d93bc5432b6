import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import { SortHeader } from '../../ui/SortHeader.tsx'
import { useRowHeight } from '../../ui/useRowHeight.ts'
import { SUBCOMPONENT_COLUMNS } from './columns.tsx'
import { GridRow, type RowActions, rowId } from './GridRow.tsx'
import { type RowsState, rowAt } from './RowWindows.ts'
import { sortBy, type TableState } from './tableState.ts'
import { useRowKeys } from './useRowKeys.ts'

/** The first column. */
export interface AddressColumn {
  readonly label: string
  /** In pixels. */
  readonly width: number
  /** A link to the row's page; the same function from one rendering to the next. */
  readonly cell: (row: SubcomponentTableRow) => ReactNode
}

interface SubcomponentGridProps {
  readonly label: string
  readonly rows: Extract<RowsState<SubcomponentTableRow>, { kind: 'ready' }>
  readonly need: (start: number, end: number) => void
  readonly state: TableState
  readonly onStateChange: (state: TableState) => void
  readonly address: AddressColumn
  /** Row chosen by the keys or the pointer; null before. */
  readonly chosen: number | null
  readonly actions: RowActions
}

/** Rows rendered beyond those in view, each way. */
const OVERSCAN = 12
/** Bar and column heads, which cover what lies under them, in pixels. */
const COVERED_TOP = 110

/** Subcomponents row by row, as many as there are, those in view rendered. */
export function SubcomponentGrid(props: SubcomponentGridProps) {
  const { rows, need, address, chosen, actions } = props
  const table = useRef<HTMLTableElement>(null)
  const { virtualizer, scrollMargin } = useRowVirtualizer(table, rows.total)
  const items = virtualizer.getVirtualItems()
  const [start, end] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? -1) + 1]
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result needs its rows though the same are in view
  useEffect(() => need(start, end), [need, start, end, rows])
  useFirstReveal(chosen, scrollMargin > 0, (index) => virtualizer.scrollToIndex(index, { align: 'center' }))
  const onKeyDown = useRowKeys({
    total: rows.total,
    chosen,
    chosenRow: chosen === null ? undefined : rowAt(rows, chosen),
    actions,
    reveal: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  })

  return (
    <table
      ref={table}
      className={rows.isUpdating ? 'grid-table is-updating' : 'grid-table'}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows the arrow keys choose
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.total + 1}
      aria-busy={rows.isUpdating}
      aria-activedescendant={chosen === null ? undefined : rowId(chosen)}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <ColumnHeads {...props} />
      <tbody>
        <Spacer height={(items[0]?.start ?? scrollMargin) - scrollMargin} />
        {items.map(({ index }) => (
          <GridRow
            key={index}
            index={index}
            row={rowAt(rows, index)}
            isChosen={index === chosen}
            address={address.cell}
            actions={actions}
          />
        ))}
        <Spacer height={virtualizer.getTotalSize() - ((items.at(-1)?.end ?? scrollMargin) - scrollMargin)} />
      </tbody>
    </table>
  )
}

function ColumnHeads({ state, onStateChange, address }: SubcomponentGridProps) {
  return (
    <>
      <colgroup>
        <col width={address.width} />
        {SUBCOMPONENT_COLUMNS.map(({ sort, width, className }) => (
          <col key={sort} className={className} width={width} />
        ))}
        <col />
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          <SortHeader
            className=""
            direction={state.sort === 'address' ? state.direction : null}
            onSort={() => onStateChange(sortBy(state, 'address'))}
          >
            {address.label}
          </SortHeader>
          {SUBCOMPONENT_COLUMNS.map(({ sort, label, className }) => (
            <SortHeader
              key={sort}
              className={className}
              direction={state.sort === sort ? state.direction : null}
              onSort={() => onStateChange(sortBy(state, sort))}
            >
              {label}
            </SortHeader>
          ))}
          <th scope="col">top 5 tokens, with count</th>
        </tr>
      </thead>
    </>
  )
}

function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null
  return (
    <tr className="spacer">
      <td style={{ height }} />
    </tr>
  )
}

function useRowVirtualizer(table: RefObject<HTMLTableElement | null>, count: number) {
  const rowHeight = useRowHeight()
  const scrollMargin = usePageOffset(table)
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin,
    scrollPaddingStart: COVERED_TOP,
    useFlushSync: false,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height changes
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight])
  return { virtualizer, scrollMargin }
}

/** Brings the row that is chosen from the start into view, once the table knows where it stands. */
function useFirstReveal(chosen: number | null, isPlaced: boolean, reveal: (index: number) => void): void {
  const isDone = useRef(chosen === null)
  useEffect(() => {
    if (isDone.current || !isPlaced || chosen === null) return
    isDone.current = true
    reveal(chosen)
  })
}

/** Distance of the first row from the top of the page, in pixels; measured when the page grows, not when it scrolls. */
function usePageOffset(table: RefObject<HTMLTableElement | null>): number {
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    const body = table.current?.tBodies[0]
    if (body === undefined) return
    const measure = () => setOffset(Math.round(body.getBoundingClientRect().top + window.scrollY))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [table])
  return offset
}
