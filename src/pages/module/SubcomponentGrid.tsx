import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import { Skeleton } from '../../ui/Loading.tsx'
import { SortHeader } from '../../ui/SortHeader.tsx'
import { useRowHeight } from '../../ui/useRowHeight.ts'
import { SUBCOMPONENT_COLUMNS, TopTokens } from './columns.tsx'
import { type RowsState, rowAt } from './RowWindows.ts'
import { sortBy, type TableState } from './tableState.ts'

interface SubcomponentGridProps {
  readonly label: string
  readonly rows: Extract<RowsState<SubcomponentTableRow>, { kind: 'ready' }>
  readonly need: (start: number, end: number) => void
  readonly state: TableState
  readonly onStateChange: (state: TableState) => void
  /** Head, width and cell of the first column. */
  readonly address: {
    readonly label: string
    readonly width: number
    readonly cell: (row: SubcomponentTableRow, index: number) => ReactNode
  }
  /** Row chosen by the keys or the pointer; null before. */
  readonly chosen: number | null
  readonly onChoose: (index: number) => void
  readonly onOpen: (row: SubcomponentTableRow, index: number) => void
}

/** Rows rendered beyond those in view, each way. */
const OVERSCAN = 12
/** Bar and column heads, which cover what lies under them. */
const COVERED_TOP = 110

/** Subcomponents row by row, as many as there are; arrows move the chosen row, Enter opens it. */
export function SubcomponentGrid(props: SubcomponentGridProps) {
  const { rows, state, onStateChange, address, chosen } = props
  const table = useRef<HTMLTableElement>(null)
  const rowHeight = useRowHeight()
  const scrollMargin = usePageOffset(table)
  const virtualizer = useWindowVirtualizer({
    count: rows.total,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin,
    scrollPaddingStart: COVERED_TOP,
  })
  const items = virtualizer.getVirtualItems()
  const [start, end] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? -1) + 1]
  useNeededRows(props, start, end)
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are measured anew when their height changes
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight])
  useFirstReveal(chosen, scrollMargin > 0, (index) => virtualizer.scrollToIndex(index, { align: 'center' }))
  const { onKeyDown } = useRowKeys(props, (index) => virtualizer.scrollToIndex(index, { align: 'auto' }))

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
      <tbody>
        <Spacer height={(items[0]?.start ?? scrollMargin) - scrollMargin} />
        {items.map(({ index }) => (
          <GridRow key={index} {...props} index={index} />
        ))}
        <Spacer height={virtualizer.getTotalSize() - ((items.at(-1)?.end ?? scrollMargin) - scrollMargin)} />
      </tbody>
    </table>
  )
}

function GridRow({
  rows,
  address,
  chosen,
  onChoose,
  onOpen,
  index,
}: SubcomponentGridProps & { readonly index: number }) {
  const row = rowAt(rows, index)
  return (
    <tr
      id={rowId(index)}
      aria-rowindex={index + 2}
      aria-selected={index === chosen}
      onClick={() => onChoose(index)}
      onDoubleClick={() => row !== undefined && onOpen(row, index)}
    >
      {row === undefined ? <PendingCells /> : <RowCells row={row} first={address.cell(row, index)} />}
    </tr>
  )
}

function RowCells({ row, first }: { readonly row: SubcomponentTableRow; readonly first: ReactNode }) {
  return (
    <>
      <td className="n start">{first}</td>
      {SUBCOMPONENT_COLUMNS.map(({ sort, className, cell }) => (
        <td key={sort} className={className}>
          {cell(row)}
        </td>
      ))}
      <td className="cut">
        <TopTokens row={row} />
      </td>
    </>
  )
}

function PendingCells() {
  return (
    <>
      <td>
        <Skeleton width={5} />
      </td>
      {SUBCOMPONENT_COLUMNS.map(({ sort, className }) => (
        <td key={sort} className={className}>
          <Skeleton width={5} />
        </td>
      ))}
      <td>
        <Skeleton width={30} />
      </td>
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

const rowId = (index: number): string => `row-${index}`

/** Arrow keys, Home and End move the chosen row, ten rows with Page Up and Page Down; Enter opens it. */
function useRowKeys({ rows, chosen, onChoose, onOpen }: SubcomponentGridProps, reveal: (index: number) => void) {
  const last = rows.total - 1
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: chosen === null ? 0 : chosen + 1,
    ArrowUp: (chosen ?? 1) - 1,
    PageDown: (chosen ?? 0) + 10,
    PageUp: (chosen ?? 0) - 10,
    Home: 0,
    End: last,
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    if (event.target !== event.currentTarget || last < 0) return
    const row = chosen === null ? undefined : rowAt(rows, chosen)
    const target = moves[event.key]
    if (event.key === 'Enter' && row !== undefined && chosen !== null) onOpen(row, chosen)
    else if (target === undefined) return
    else {
      const index = Math.min(last, Math.max(0, target))
      onChoose(index)
      reveal(index)
    }
    event.preventDefault()
  }
  return { onKeyDown }
}

/** Asks for the rows in view, again whenever others came. */
function useNeededRows({ rows, need }: SubcomponentGridProps, start: number, end: number): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result needs its rows though the same are in view
  useEffect(() => need(start, end), [need, start, end, rows])
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

/** Distance of the first row from the top of the page, in pixels. */
function usePageOffset(table: RefObject<HTMLTableElement | null>): number {
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    const body = table.current?.tBodies[0]
    if (body !== undefined) setOffset(Math.round(body.getBoundingClientRect().top + window.scrollY))
  })
  return offset
}
