import { Link, useSearchParams } from 'react-router'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { formatCsv, formatJson } from '../../../core/tables/formatTable.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { modulePath, modulesPath } from '../../clients/runPaths.ts'
import { formatCount, formatPercent, formatShare } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { type SortDirection, SortHeader } from '../../ui/SortHeader.tsx'
import { CSV_TYPE, JSON_TYPE, saveFile } from '../../ui/saveFile.ts'
import { modulesAsTable } from './modulesAsTable.ts'

interface Column {
  readonly name: string
  readonly label: string
  readonly isOptional?: true
  readonly readValue: (row: ModuleRow) => number | null
  readonly format: (value: number) => string
}

const COLUMNS: readonly Column[] = [
  { name: 'c', label: 'C', readValue: ({ c }) => c, format: formatCount },
  { name: 'active', label: 'active', readValue: ({ active }) => active, format: formatCount },
  { name: 'active_share', label: 'active %', readValue: ({ active, c }) => active / c, format: formatPercent },
  { name: 'dead', label: 'dead', isOptional: true, readValue: ({ dead }) => dead, format: formatCount },
  {
    name: 'dead_share',
    label: 'dead %',
    isOptional: true,
    readValue: ({ dead, c }) => dead / c,
    format: formatPercent,
  },
  { name: 'rare', label: 'rare', isOptional: true, readValue: ({ rare }) => rare, format: formatCount },
  { name: 'frequent', label: 'frequent', isOptional: true, readValue: ({ frequent }) => frequent, format: formatCount },
  { name: 'mean_l0', label: 'mean L0', readValue: ({ meanL0 }) => meanL0, format: formatShare },
]

/** Table 1 of the report: active and dead subcomponents of every module. */
export function ModuleTable() {
  const { id, modules, shortNames } = useRun()
  const { column, direction, sortBy } = useSort()
  const rows = column === undefined ? modules : sortRows(modules, column, direction)
  return (
    <section className="sec c7" aria-labelledby="table-1">
      <div className="row between">
        <h2 id="table-1">Table 1 · Active and dead subcomponents</h2>
        <TableExports rows={rows} />
      </div>
      <p className="note">
        {column === undefined ? 'In model order.' : `Sorted by ${column.label}.`} Mean L0: active subcomponents a
        position. <Link to={modulesPath(id)}>All subcomponents of all modules</Link>
      </p>
      <table>
        <thead>
          <tr>
            <SortHeader className="" direction={column === undefined ? 'ascending' : null} onSort={() => sortBy(null)}>
              module
            </SortHeader>
            {COLUMNS.map((entry) => (
              <SortHeader
                key={entry.name}
                className={entry.isOptional ? 'n opt' : 'n'}
                direction={entry === column ? direction : null}
                onSort={() => sortBy(entry.name)}
              >
                {entry.label}
              </SortHeader>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.module}>
              <td>
                <KindBadge kind={row.kind} path={row.module} />
                <Link className="mono" to={modulePath(id, row.module)}>
                  <span className="wide">{row.module}</span>
                  <span className="narrow">{shortNames.get(row.module)}</span>
                </Link>
              </td>
              {COLUMNS.map(({ name, isOptional, readValue, format }) => (
                <td key={name} className={isOptional ? 'n opt' : 'n'}>
                  {formatOrDash(readValue(row), format)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function TableExports({ rows }: { readonly rows: readonly ModuleRow[] }) {
  const { id } = useRun()
  return (
    <span className="export">
      <button
        className="link"
        type="button"
        aria-label="Save table 1 as CSV"
        onClick={() => saveFile(`${id}-modules.csv`, formatCsv(modulesAsTable(rows)), CSV_TYPE)}
      >
        CSV
      </button>
      {' · '}
      <button
        className="link"
        type="button"
        aria-label="Save table 1 as JSON"
        onClick={() => saveFile(`${id}-modules.json`, formatJson(modulesAsTable(rows)), JSON_TYPE)}
      >
        JSON
      </button>
    </span>
  )
}

/** The column sorted by, from the address; none means model order. */
function useSort() {
  const [params, setParams] = useSearchParams()
  const column = COLUMNS.find(({ name }) => name === params.get('sort'))
  const direction: SortDirection = params.get('dir') === 'ascending' ? 'ascending' : 'descending'
  const sortBy = (name: string | null) => {
    const next: Record<string, string> =
      name === null
        ? {}
        : name === column?.name && direction === 'descending'
          ? { sort: name, dir: 'ascending' }
          : { sort: name }
    setParams(next, { replace: true, preventScrollReset: true })
  }
  return { column, direction, sortBy }
}

function sortRows(rows: readonly ModuleRow[], { readValue }: Column, direction: SortDirection): ModuleRow[] {
  const sign = direction === 'ascending' ? 1 : -1
  return rows.toSorted((a, b) => sign * ((readValue(a) ?? -1) - (readValue(b) ?? -1)) || a.moduleId - b.moduleId)
}

function formatOrDash(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}
