import type { ReactNode } from 'react'

export type SortDirection = 'ascending' | 'descending'

interface SortHeaderProps {
  readonly children: ReactNode
  /** Null where the table is sorted by another column. */
  readonly direction: SortDirection | null
  readonly onSort: () => void
  readonly className?: string
}

/** The head of a column that can be sorted by. */
export function SortHeader({ children, direction, onSort, className = 'n' }: SortHeaderProps) {
  return (
    <th scope="col" className={className} {...(direction === null ? {} : { 'aria-sort': direction })}>
      <button className="sort" type="button" onClick={onSort}>
        {children}
        {direction !== null && <span aria-hidden="true"> {direction === 'ascending' ? '↑' : '↓'}</span>}
      </button>
    </th>
  )
}
