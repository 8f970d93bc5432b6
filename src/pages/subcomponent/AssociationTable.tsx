import { type ReactNode, useState } from 'react'
import { formatCount } from '../../ui/formatNumber.ts'
import { type SortDirection, SortHeader } from '../../ui/SortHeader.tsx'

/** A column of numbers that a table can be sorted by. */
export interface AssociationColumn<Row> {
  readonly label: string
  /** Left out where there is little room. */
  readonly isOptional?: true
  readonly readValue: (row: Row) => number | null
  readonly format: (value: number) => string
}

interface AssociationTableProps<Row> {
  /** Name of the first column. */
  readonly head: string
  readonly columns: readonly [AssociationColumn<Row>, ...AssociationColumn<Row>[]]
  /** In the order of the first column of numbers, largest first. */
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
  /** What stands in the first column. */
  readonly cell: (row: Row) => ReactNode
  /** What more of there is, e.g. "partners". */
  readonly what: string
}

/** Rows shown before a reader asks for all. */
const FIRST_ROWS = 10

/** What goes with a subcomponent, sortable by each measure. */
export function AssociationTable<Row>({ head, columns, rows, keyOf, cell, what }: AssociationTableProps<Row>) {
  const [isExpanded, setIsExpanded] = useState(false)
  const { sorted, column, direction, sortBy } = useSorted(rows, columns)
  const shown = isExpanded ? sorted : sorted.slice(0, FIRST_ROWS)
  const className = ({ isOptional }: AssociationColumn<Row>) => (isOptional ? 'n opt' : 'n')
  return (
    <>
      <div className="wrap">
        <table className="token-table">
          <thead>
            <tr>
              <th scope="col">{head}</th>
              {columns.map((entry) => (
                <SortHeader
                  key={entry.label}
                  className={className(entry)}
                  direction={entry === column ? direction : null}
                  onSort={() => sortBy(entry)}
                >
                  {entry.label}
                </SortHeader>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)}>
                <td>{cell(row)}</td>
                {columns.map((entry) => (
                  <td key={entry.label} className={className(entry)}>
                    {formatOrDash(entry.readValue(row), entry.format)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < rows.length && (
        <button className="link" type="button" onClick={() => setIsExpanded(true)}>
          {formatCount(rows.length - shown.length)} more {what}
        </button>
      )}
    </>
  )
}

function useSorted<Row>(rows: readonly Row[], columns: readonly [AssociationColumn<Row>, ...AssociationColumn<Row>[]]) {
  const [label, setLabel] = useState(columns[0].label)
  const [direction, setDirection] = useState<SortDirection>('descending')
  const column = columns.find((entry) => entry.label === label) ?? columns[0]
  const sign = direction === 'ascending' ? 1 : -1
  const measureOf = (row: Row): number => column.readValue(row) ?? Number.NEGATIVE_INFINITY
  // Equal values keep the order they came in.
  const sorted = rows.toSorted((a, b) => sign * compare(measureOf(a), measureOf(b)))
  const sortBy = (chosen: AssociationColumn<Row>) => {
    setDirection(chosen === column && direction === 'descending' ? 'ascending' : 'descending')
    setLabel(chosen.label)
  }
  return { sorted, column, direction, sortBy }
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)

function formatOrDash(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}
