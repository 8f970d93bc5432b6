import { Link } from 'react-router'
import { invariant } from '../../../core/errors/invariant.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { subcomponentPath } from '../../clients/runPaths.ts'
import { Fact } from '../../ui/Fact.tsx'
import { formatCount, formatPercent } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { ModuleTree } from './ModuleTree.tsx'
import { SubcomponentTable } from './SubcomponentTable.tsx'
import { TABLE_PRESETS } from './tableState.ts'
import './module.css'

/** Every subcomponent of every module in one table. */
export function AllModulesPage() {
  const { id, modules, shortNames } = useRun()
  const count = modules.reduce((sum, { c }) => sum + c, 0)
  const active = modules.reduce((sum, module) => sum + module.active, 0)
  const moduleOf = (moduleId: number) => {
    const module = modules.find((row) => row.moduleId === moduleId)
    invariant(module !== undefined, `module ${moduleId} has subcomponents and no row`)
    return module
  }
  const pathOf = (row: { readonly moduleId: number; readonly subcomponent: number }) =>
    subcomponentPath(id, moduleOf(row.moduleId).module, row.subcomponent)
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
          pathOf={pathOf}
          address={{
            label: 'address',
            width: 118,
            cell: (row, onFollow) => {
              const module = moduleOf(row.moduleId)
              return (
                <>
                  <KindBadge kind={module.kind} path={module.module} />
                  <Link
                    to={pathOf(row)}
                    tabIndex={-1}
                    onClick={onFollow}
                    title={`${module.module}:${row.subcomponent}`}
                  >
                    {shortNames.get(module.module)}:{row.subcomponent}
                  </Link>
                </>
              )
            },
          }}
          fileName={`${id}-subcomponents`}
        />
      </div>
    </div>
  )
}
