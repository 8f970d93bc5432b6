import { Link, useSearchParams } from 'react-router'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { formatCsv, formatJson } from '../../../core/tables/formatTable.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { modulePath, modulesPath } from '../../clients/runPaths.ts'
import { formatCount, formatNats, formatPercent, formatShare } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { type SortDirection, SortHeader } from '../../ui/SortHeader.tsx'
import { CSV_TYPE, JSON_TYPE, saveFile } from '../../ui/saveFile.ts'
import { type FidelityFences, type FidelityRow, fidelityFences, hasFidelity, withFidelity } from './moduleFidelity.ts'
import { modulesAsTable } from './modulesAsTable.ts'

interface Column {
  readonly name: string
  readonly label: string
  readonly isOptional?: true
  readonly readValue: (row: FidelityRow) => number | null
  readonly format: (value: number) => string
  /** What it must exceed to be far from the other modules'. */
  readonly readFence?: (fences: FidelityFences) => number | null
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

/** Shown where the manifest has them. */
const FIDELITY_COLUMNS: readonly Column[] = [
  {
    name: 'faithfulness',
    label: 'faithfulness',
    isOptional: true,
    readValue: ({ faithfulness }) => faithfulness,
    format: formatShare,
    readFence: ({ faithfulness }) => faithfulness,
  },
  {
    name: 'ci_masked_kl',
    label: 'KL, nats',
    readValue: ({ ciMaskedKl }) => ciMaskedKl,
    format: formatNats,
    readFence: ({ ciMaskedKl }) => ciMaskedKl,
  },
]

/** Table 1 of the report: active and dead subcomponents of every module. */
export function ModuleTable() {
  const { id, manifest, modules, shortNames } = useRun()
  const known = withFidelity(modules, manifest)
  const fences = fidelityFences(known)
  const fidelity = FIDELITY_COLUMNS.filter(({ readValue }) => known.some((row) => readValue(row) !== null))
  const columns = [...COLUMNS, ...fidelity]
  const { column, direction, sortBy } = useSort(columns)
  const rows = column === undefined ? known : sortRows(known, column, direction)
  return (
    <section className={`sec ${hasFidelity(manifest) ? 'c8' : 'c7'}`} aria-labelledby="table-1">
      <div className="row between">
        <h2 id="table-1">Table 1 · Active and dead subcomponents</h2>
        <TableExports rows={rows} />
      </div>
      <p className="note">
        {column === undefined ? 'In model order.' : `Sorted by ${column.label}.`} Mean L0: active subcomponents a
        position. <FidelityNote columns={fidelity} /> <Link to={modulesPath(id)}>All subcomponents of all modules</Link>
      </p>
      <div className="wrap">
        <table>
          <thead>
            <tr>
              <SortHeader
                className=""
                direction={column === undefined ? 'ascending' : null}
                onSort={() => sortBy(null)}
              >
                module
              </SortHeader>
              {columns.map((entry) => (
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
                {columns.map((entry) => (
                  <td key={entry.name} className={entry.isOptional ? 'n opt' : 'n'}>
                    <Cell row={row} column={entry} fences={fences} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <FarNote rows={known} columns={fidelity} fences={fences} />
    </section>
  )
}

interface CellProps {
  readonly row: FidelityRow
  readonly column: Column
  readonly fences: FidelityFences
}

function Cell({ row, column, fences }: CellProps) {
  const text = formatOrDash(column.readValue(row), column.format)
  if (!isFar(row, column, fences)) return text
  return (
    <>
      <span className="badge" title={`${column.label}: far above the other modules`}>
        far
      </span>{' '}
      {text}
    </>
  )
}

function isFar(row: FidelityRow, { readValue, readFence }: Column, fences: FidelityFences): boolean {
  const fence = readFence?.(fences) ?? null
  const value = readValue(row)
  return fence !== null && value !== null && value > fence
}

/** What the columns that need it mean. */
function FidelityNote({ columns }: { readonly columns: readonly Column[] }) {
  const names = columns.map(({ name }) => name)
  return (
    <>
      {names.includes('faithfulness') && 'Faithfulness: ‖W − (V U)ᵀ‖² / ‖W‖², what the subcomponents leave out. '}
      {names.includes('ci_masked_kl') && 'KL(target ‖ masked) a position, this module alone masked by CI.'}
    </>
  )
}

interface FarNoteProps {
  readonly rows: readonly FidelityRow[]
  readonly columns: readonly Column[]
  readonly fences: FidelityFences
}

/** Shown where a module is far from the others: by which rule, and what follows. */
function FarNote({ rows, columns, fences }: FarNoteProps) {
  const marked = columns.filter((column) => rows.some((row) => isFar(row, column, fences)))
  if (marked.length === 0) return null
  const limits = marked.map(({ label, format, readFence }) => `${label} ${format(readFence?.(fences) ?? 0)}`)
  return (
    <p className="note low-note">
      <span className="badge">far</span>: more than the modules’ upper quartile and three interquartile ranges (
      {limits.join('; ')}). Read the other numbers of such a module with care.
    </p>
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
function useSort(columns: readonly Column[]) {
  const [params, setParams] = useSearchParams()
  const column = columns.find(({ name }) => name === params.get('sort'))
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

function sortRows(rows: readonly FidelityRow[], { readValue }: Column, direction: SortDirection): FidelityRow[] {
  const sign = direction === 'ascending' ? 1 : -1
  return rows.toSorted((a, b) => sign * ((readValue(a) ?? -1) - (readValue(b) ?? -1)) || a.moduleId - b.moduleId)
}

function formatOrDash(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}
