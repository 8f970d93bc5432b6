import { Link } from 'react-router'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { modulePath, modulesPath } from '../../clients/runPaths.ts'
import { formatCount } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'

/** All modules with how many of their subcomponents are active; `current` is null where all are shown. */
export function ModuleTree({ current }: { readonly current: string | null }) {
  const { id, modules } = useRun()
  const layers = [...new Set(modules.map(({ layer }) => layer))]
  return (
    <nav className="tree" aria-label="Modules, with active subcomponents">
      <Link to={modulesPath(id)} {...currentIf(current === null)}>
        <span />
        <span>All modules</span>
        <span className="num dim">{formatCount(modules.reduce((sum, { active }) => sum + active, 0))}</span>
      </Link>
      {layers.map((layer) => (
        <div key={layer}>
          <h2>{layer === null ? 'Outside the layers' : `Layer ${layer}`}</h2>
          {modules
            .filter((module) => module.layer === layer)
            .map((module) => (
              <ModuleLink key={module.module} module={module} isCurrent={module.module === current} />
            ))}
        </div>
      ))}
    </nav>
  )
}

function ModuleLink({ module, isCurrent }: { readonly module: ModuleRow; readonly isCurrent: boolean }) {
  const { id } = useRun()
  const { module: path, kind, active } = module
  return (
    <Link to={modulePath(id, path)} title={path} {...currentIf(isCurrent)}>
      <KindBadge kind={kind} path={path} />
      <span>{kind}</span>
      <span className="num dim">{formatCount(active)}</span>
    </Link>
  )
}

function currentIf(isCurrent: boolean) {
  return isCurrent ? { 'aria-current': 'page' as const } : {}
}
