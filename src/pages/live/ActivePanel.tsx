import { useMemo } from 'react'
import { formatCsv, type Table } from '../../../core/tables/formatTable.ts'
import type { ObservedPosition } from '../../../workers/contracts/ModelApi.ts'
import { type Run, useRun } from '../../clients/RunContext.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
import { CSV_TYPE, saveFile } from '../../ui/saveFile.ts'
import { ciStep, TokenText } from '../../ui/Token.tsx'
import { ActiveList, type ActiveRow } from './ActiveList.tsx'
import { type LiveState, toggleAblated } from './liveState.ts'

interface ActivePanelProps {
  readonly at: ObservedPosition
  /** Causal importance of the shading subcomponent along the story; null where nothing shades it. */
  readonly shading: Float32Array | null
  readonly state: LiveState
  readonly change: (change: (state: LiveState) => LiveState) => void
}

/** What is active at the chosen token, ranked. */
export function ActivePanel({ at, shading, state, change }: ActivePanelProps) {
  const run = useRun()
  const rows = useMemo(() => activeRows(run, at), [run, at])
  const listed = state.modulePath === null ? rows : rows.filter(({ modulePath }) => modulePath === state.modulePath)
  const step = ciStep(shading?.[at.position] ?? 0, run.corpus.threshold)
  return (
    <>
      <div className="row between figure-head">
        <h2>
          Active at
          <span className={step === 0 ? 't on' : `t c${step} on`}>
            <TokenText text={at.token} />
          </span>
          <span className="sub light">position {at.position}</span>
        </h2>
        <span className="export">
          <button
            className="link"
            type="button"
            aria-label="Save active subcomponents as CSV"
            onClick={() =>
              saveFile(`${run.id}-live-active-${at.position}.csv`, formatCsv(activeTable(listed)), CSV_TYPE)
            }
          >
            CSV
          </button>
        </span>
      </div>
      <p className="note">
        <Extent rows={rows} listed={listed} state={state} onAll={() => change((s) => ({ ...s, modulePath: null }))} />
        {state.order === 'causalImportance' ? ', ranked by CI, then |h|‖U‖.' : ', ranked by |h|‖U‖.'}
      </p>
      {listed.length === 0 ? (
        <p className="empty">
          No subcomponent of {state.modulePath === null ? 'any module' : run.shortNames.get(state.modulePath)} has a CI
          above {run.corpus.threshold} at this token.
        </p>
      ) : (
        <ActiveList
          rows={listed}
          order={state.order}
          shaded={state.shaded}
          ablated={state.ablated}
          onOrder={(order) => change((s) => ({ ...s, order }))}
          onShade={({ modulePath, subcomponent }) => change((s) => ({ ...s, shaded: { modulePath, subcomponent } }))}
          onAblate={({ modulePath, subcomponent }) => change((s) => toggleAblated(s, { modulePath, subcomponent }))}
        />
      )}
    </>
  )
}

interface ExtentProps {
  readonly rows: readonly ActiveRow[]
  readonly listed: readonly ActiveRow[]
  readonly state: LiveState
  readonly onAll: () => void
}

function Extent({ rows, listed, state, onAll }: ExtentProps) {
  const { manifest, shortNames } = useRun()
  const moduleCount = new Set(rows.map(({ modulePath }) => modulePath)).size
  if (state.modulePath === null) {
    return (
      <>
        <span className="num">{formatCount(rows.length)}</span> active in {moduleCount} of {manifest.modules.length}{' '}
        modules
      </>
    )
  }
  return (
    <>
      <span className="num">{formatCount(listed.length)}</span> active in{' '}
      <span className="mono">{shortNames.get(state.modulePath)}</span>, of {formatCount(rows.length)} (
      <button className="link inline" type="button" onClick={onAll}>
        show all
      </button>
      )
    </>
  )
}

function activeTable(rows: readonly ActiveRow[]): Table {
  return {
    columns: ['module', 'subcomponent', 'causal_importance', 'scaled_inner_activation'],
    rows: rows.map((row) => [row.modulePath, row.subcomponent, row.causalImportance, row.scaledInnerActivation]),
  }
}

function activeRows({ manifest, modules }: Run, { active }: ObservedPosition): ActiveRow[] {
  const ids = new Map(modules.map(({ module, moduleId }) => [module, moduleId]))
  return Array.from(active.module, (m, i) => {
    const { path = '', kind = '' } = manifest.modules[m] ?? {}
    return {
      modulePath: path,
      moduleId: ids.get(path) ?? m,
      kind,
      subcomponent: active.subcomponent[i] ?? 0,
      causalImportance: active.causalImportance[i] ?? 0,
      scaledInnerActivation: active.scaledInnerActivation[i] ?? 0,
    }
  })
}
