import { formatCsv, formatJson, type Table } from '../../../core/tables/formatTable.ts'
import { CSV_TYPE, JSON_TYPE, saveFile } from '../../ui/saveFile.ts'

interface SaveTableProps {
  readonly table: () => Table
  /** Of the file, without its ending. */
  readonly fileName: string
  /** What is saved, e.g. "all tokens". */
  readonly what: string
}

/** Saves a table as CSV or JSON. */
export function SaveTable({ table, fileName, what }: SaveTableProps) {
  return (
    <span className="export">
      <button
        className="link"
        type="button"
        aria-label={`Save ${what} as CSV`}
        onClick={() => saveFile(`${fileName}.csv`, formatCsv(table()), CSV_TYPE)}
      >
        CSV
      </button>
      {' · '}
      <button
        className="link"
        type="button"
        aria-label={`Save ${what} as JSON`}
        onClick={() => saveFile(`${fileName}.json`, formatJson(table()), JSON_TYPE)}
      >
        JSON
      </button>
    </span>
  )
}
