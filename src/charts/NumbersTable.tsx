import type { Cell, Table } from '../../core/tables/formatTable.ts'
import { formatCount, formatShare } from '../ui/formatNumber.ts'

/** The numbers of a figure, as drawn, row by row. */
export function NumbersTable({ table, caption }: { readonly table: Table; readonly caption: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls, so it must be reachable by keys
    <section className="numbers" tabIndex={0} aria-label={`Numbers: ${caption}`}>
      <table>
        <thead>
          <tr>
            {table.columns.map((name, i) => (
              <th key={name} scope="col" className={isNumeric(table, i) ? 'n' : ''}>
                {name.replaceAll('_', ' ')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, rowIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a figure never move
            <tr key={rowIndex}>
              {row.map((cell, i) => (
                <td key={table.columns[i]} className={typeof cell === 'number' ? 'n' : 'mono'}>
                  {formatCell(cell)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function isNumeric({ rows }: Table, column: number): boolean {
  return rows.some((row) => typeof row[column] === 'number')
}

function formatCell(cell: Cell): string {
  if (cell === null) return '–'
  if (typeof cell === 'string') return cell
  if (typeof cell !== 'number') return JSON.stringify(cell)
  return Number.isInteger(cell) ? formatCount(cell) : formatShare(cell)
}
