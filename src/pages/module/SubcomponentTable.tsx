import { useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
import { SkeletonRows } from '../../ui/PageSkeleton.tsx'
import { describeEmptyTable } from './findings.ts'
import { type AddressColumn, SubcomponentGrid } from './SubcomponentGrid.tsx'
import { TableFilters, TableTabs } from './TableControls.tsx'
import { TableExports } from './TableExports.tsx'
import { TABLE_PRESETS, type TablePreset, type TableState, tableQuery } from './tableState.ts'
import { useRowWindows } from './useRowWindows.ts'
import { useStableActions } from './useStableActions.ts'
import { useTableState } from './useTableState.ts'

interface SubcomponentTableProps {
  /** Null for all modules. */
  readonly moduleId: number | null
  /** What the rows are of, e.g. "this module". */
  readonly extent: string
  /** Rows without a filter. */
  readonly subcomponentCount: number
  /** What the table shows where the address of the page says nothing. */
  readonly preset: TablePreset
  /** Path of the same table over all modules; null where this is it. */
  readonly allModules: string | null
  readonly pathOf: (row: SubcomponentTableRow) => string
  readonly address: AddressColumn
  /** Base name of exported files. */
  readonly fileName: string
}

/** Rows a skeleton shows before the first answer. */
const SKELETON_ROWS = 20

/** The report's tables 2 to 5: sorted, filtered and counted in the worker, the whole state in the address of the page. */
export function SubcomponentTable(props: SubcomponentTableProps) {
  const { moduleId, preset, pathOf, address } = props
  const { index } = useRun()
  const { state, setState, row: firstRow, rememberRow } = useTableState(preset)
  const [chosen, setChosen] = useState<number | null>(firstRow)
  const navigate = useNavigate()
  const section = useRef<HTMLElement>(null)
  const query = tableQuery(state, moduleId)
  const rows = useRowWindows<SubcomponentTableRow>(
    JSON.stringify(query),
    (offset, limit) => index.listSubcomponents({ ...query, offset, limit }),
    firstRow ?? 0,
  )
  const change = (next: TableState) => {
    setChosen(null)
    setState(next)
    if ((section.current?.getBoundingClientRect().top ?? 0) < 0) section.current?.scrollIntoView()
  }
  const actions = useStableActions({
    choose: setChosen,
    follow: rememberRow,
    open: (row, rowIndex) => {
      rememberRow(rowIndex)
      void navigate(pathOf(row))
    },
  })

  return (
    <section className="sec" aria-labelledby="subcomponents" ref={section}>
      <div className="row between">
        <h2 id="subcomponents">Subcomponents</h2>
        <RowCount state={rows.state} of={props.subcomponentCount} />
      </div>
      <TableTabs state={state} preset={preset} allModules={props.allModules} />
      <div className="row between filters">
        <div className="row">
          <TableFilters state={state} onChange={change} />
        </div>
        <TableExports query={query} fileName={props.fileName} />
      </div>
      {rows.state.kind === 'loading' && <SkeletonRows count={SKELETON_ROWS} />}
      {rows.state.kind === 'failed' && <ErrorNote error={rows.state.error} onRetry={rows.retry} />}
      {rows.state.kind === 'ready' && rows.state.total === 0 && (
        <p className="empty">
          {describeEmptyTable(state, props.extent)}{' '}
          <button
            className="link"
            type="button"
            onClick={() => change({ ...state, classes: TABLE_PRESETS.active.classes, band: null, tokenText: '' })}
          >
            Show all active
          </button>
        </p>
      )}
      {rows.state.kind === 'ready' && rows.state.total > 0 && (
        <SubcomponentGrid
          label={`Subcomponents of ${props.extent}`}
          rows={rows.state}
          need={rows.need}
          state={state}
          onStateChange={change}
          address={address}
          chosen={chosen}
          actions={actions}
        />
      )}
    </section>
  )
}

interface RowCountProps {
  readonly state: { readonly kind: string; readonly total?: number; readonly isUpdating?: boolean }
  readonly of: number
}

function RowCount({ state, of }: RowCountProps) {
  return (
    <span className="sub num" role="status">
      {state.total !== undefined && `${formatCount(state.total)} of ${formatCount(of)}`}
      {state.isUpdating === true && ', updating'}
    </span>
  )
}
