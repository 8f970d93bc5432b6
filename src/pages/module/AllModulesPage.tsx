import { useMemo } from 'react'
import { Link } from 'react-router'
import type { SubcomponentAddress } from '../../../core/bundle/querySubcomponent.ts'
import { fullAddress } from '../../../core/decomposition/addresses.ts'
import { invariant } from '../../../core/errors/invariant.ts'
import { type Run, useRun } from '../../clients/RunContext.tsx'
import { subcomponentPath } from '../../clients/runPaths.ts'
import { Fact } from '../../ui/Fact.tsx'
import { formatCount, formatPercent } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { ModuleTree } from './ModuleTree.tsx'
import type { AddressColumn } from './SubcomponentGrid.tsx'
import { SubcomponentTable } from './SubcomponentTable.tsx'
import { TABLE_PRESETS } from './tableState.ts'
import './module.css'

/** Every subcomponent of every module in one table. */
export function AllModulesPage() {
  const run = useRun()
  const { id, modules } = run
  const count = modules.reduce((sum, { c }) => sum + c, 0)
  const active = modules.reduce((sum, module) => sum + module.active, 0)
  const address = useMemo<AddressColumn>(
    () => ({ label: 'address', width: 118, cell: (row) => <AddressCell run={run} row={row} /> }),
    [run],
  )
  return (
    <div className="side">
      <title>{`All modules · ${id} · SPD Atlas`}</title>
      <ModuleTree current={null} />
      <div className="side-main all-modules">
        <div className="head">
          <h1>All modules</h1>
          <dl className="facts">
            <Fact name="modules" value={formatCount(modules.length)} />
            <Fact name="subcomponents" value={formatCount(count)} />
            <Fact name="active" value={formatCount(active)} detail={`${formatPercent(active / count)} %`} />
          </dl>
        </div>
        <SubcomponentTable
          moduleId={null}
          extent="this run"
          subcomponentCount={count}
          preset={TABLE_PRESETS.active}
          allModules={null}
          pathOf={(row) => subcomponentPath(id, moduleOf(run, row).module, row.subcomponent)}
          address={address}
          fileName={`${id}-subcomponents`}
        />
      </div>
    </div>
  )
}

function AddressCell({ run, row }: { readonly run: Run; readonly row: SubcomponentAddress }) {
  const { module, kind } = moduleOf(run, row)
  return (
    <>
      <KindBadge kind={kind} path={module} />
      <Link
        to={subcomponentPath(run.id, module, row.subcomponent)}
        tabIndex={-1}
        title={fullAddress(module, row.subcomponent)}
      >
        {run.shortNames.get(module)}:{row.subcomponent}
      </Link>
    </>
  )
}

function moduleOf({ modules }: Run, { moduleId }: SubcomponentAddress) {
  const module = modules.find((row) => row.moduleId === moduleId)
  invariant(module !== undefined, `module ${moduleId} has subcomponents and no row`)
  return module
}
