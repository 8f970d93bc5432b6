/** One cell: null is no value, an empty field in CSV; a list stands there as JSON. */
export type Cell = string | number | boolean | null | readonly (readonly (string | number)[])[]

/** Rows under named columns. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** The table as CSV (RFC 4180): a header, fields quoted where they must be, lines ending in CR LF. */
export function formatCsv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(quoteField).join(',')}\r\n`).join('')
}

/** The table as a JSON array of one object a row, a row a line. */
export function formatJson({ columns, rows }: Table): string {
  const lines = rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null]))))
  return `[\n${lines.join(',\n')}\n]\n`
}

function quoteField(cell: Cell): string {
  if (cell === null) return ''
  const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
