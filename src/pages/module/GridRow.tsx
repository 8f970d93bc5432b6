import { type MouseEvent, memo, type ReactNode } from 'react'
import type { SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import { Skeleton } from '../../ui/Loading.tsx'
import { SUBCOMPONENT_COLUMNS, TopTokens } from './columns.tsx'

interface GridRowProps {
  readonly index: number
  /** Undefined while it is on its way. */
  readonly row: SubcomponentTableRow | undefined
  readonly isChosen: boolean
  /** The link that stands first. */
  readonly address: (row: SubcomponentTableRow) => ReactNode
  readonly actions: RowActions
}

/** What rows do; the same object from one rendering to the next, so that only rows that changed are rendered. */
export interface RowActions {
  readonly choose: (index: number) => void
  readonly open: (row: SubcomponentTableRow, index: number) => void
  /** The row's own link is being followed. */
  readonly follow: (index: number) => void
}

/** Id of the row at `index` of the result. */
export const rowId = (index: number): string => `row-${index}`

/** One subcomponent; a click chooses it, two open it. */
export const GridRow = memo(function GridRow({ index, row, isChosen, address, actions }: GridRowProps) {
  const onClick = (event: MouseEvent) => {
    const isLink = event.target instanceof Element && event.target.closest('a') !== null
    if (isLink) actions.follow(index)
    else actions.choose(index)
  }
  return (
    <tr
      id={rowId(index)}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      onClick={onClick}
      onDoubleClick={() => row !== undefined && actions.open(row, index)}
    >
      {row === undefined ? <PendingCells /> : <RowCells row={row} first={address(row)} />}
    </tr>
  )
})

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
