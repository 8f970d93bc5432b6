import { useMemo } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { modulePath, modulesPath, runPath, subcomponentPath } from '../../clients/runPaths.ts'
import { useRandomSubcomponent } from '../../clients/useRandomSubcomponent.ts'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { Fact } from '../../ui/Fact.tsx'
import { formatCount, formatMedian, formatPercent, formatShare } from '../../ui/formatNumber.ts'
import { KindBadge } from '../../ui/KindBadge.tsx'
import { useKeys } from '../../ui/useKeys.ts'
import { BreadthFigure } from './BreadthFigure.tsx'
import { ModuleTree } from './ModuleTree.tsx'
import type { AddressColumn } from './SubcomponentGrid.tsx'
import { SubcomponentTable } from './SubcomponentTable.tsx'
import { TABLE_PRESETS } from './tableState.ts'
import './module.css'

/** One module: its numbers, the breadth of its subcomponents, and all of them in one table. */
export function ModulePage() {
  const { module: path = '' } = useParams()
  const { id, modules } = useRun()
  const module = modules.find((row) => row.module === path)
  if (module !== undefined) return <KnownModule key={path} module={module} />
  return (
    <>
      <title>Unknown module · SPD Atlas</title>
      <ErrorNote
        level={1}
        title="Unknown module"
        error={{ message: `${path}: run ${id} has no such module, expected one of its ${modules.length}` }}
      >
        <Link className="b" to={modulesPath(id)}>
          All modules
        </Link>
        <Link className="b" to={runPath(id)}>
          Overview
        </Link>
      </ErrorNote>
    </>
  )
}

function KnownModule({ module }: { readonly module: ModuleRow }) {
  const { id, shortNames } = useRun()
  const shortName = shortNames.get(module.module) ?? module.module
  const address = useMemo<AddressColumn>(
    () => ({
      label: 'c',
      width: 60,
      cell: ({ subcomponent }) => (
        <Link to={subcomponentPath(id, module.module, subcomponent)} tabIndex={-1}>
          {subcomponent}
        </Link>
      ),
    }),
    [id, module],
  )
  return (
    <div className="side">
      <title>{`${shortName} · ${id} · SPD Atlas`}</title>
      <ModuleTree current={module.module} />
      <div className="side-main">
        <ModuleHead module={module} />
        <BreadthFigure module={module} />
        <SubcomponentTable
          moduleId={module.moduleId}
          extent={shortName}
          subcomponentCount={module.c}
          preset={TABLE_PRESETS.several}
          allModules={modulesPath(id)}
          pathOf={({ subcomponent }) => subcomponentPath(id, module.module, subcomponent)}
          address={address}
          fileName={`${id}-${shortName}-subcomponents`}
        />
      </div>
    </div>
  )
}

function ModuleHead({ module }: { readonly module: ModuleRow }) {
  const { id, shortNames } = useRun()
  const { previous, next, random } = useWaysOn(module)
  return (
    <div className="head">
      <div className="row between">
        <h1 className="addr">
          <KindBadge kind={module.kind} path={module.module} />
          {module.module}
        </h1>
        <span className="row tight">
          {random.error !== null && <span role="alert">! Error: {random.error.message}</span>}
          {previous !== undefined && (
            <Link className="b" to={modulePath(id, previous.module)} title={`${previous.module}, key [`}>
              ← {shortNames.get(previous.module)}
            </Link>
          )}
          {next !== undefined && (
            <Link className="b" to={modulePath(id, next.module)} title={`${next.module}, key ]`}>
              {shortNames.get(next.module)} →
            </Link>
          )}
        </span>
      </div>
      <ModuleFacts module={module} />
    </div>
  )
}

function ModuleFacts({ module }: { readonly module: ModuleRow }) {
  const { c, active, rare, frequent, medianUniqueTokens, meanL0 } = module
  return (
    <dl className="facts">
      <Fact name="C" value={formatCount(c)} />
      <Fact name="active" value={formatCount(active)} detail={`${formatPercent(active / c)} %`} />
      <Fact name="rare · frequent" value={`${formatCount(rare)} · ${formatCount(frequent)}`} />
      <Fact
        name="median unique tokens"
        value={medianUniqueTokens === null ? '–' : formatMedian(medianUniqueTokens)}
        {...(medianUniqueTokens === null ? { detail: 'none active' } : {})}
      />
      <Fact name="mean L0" value={formatShare(meanL0)} detail="active per position" />
    </dl>
  )
}

/** The modules before and after in the run's order, and a random subcomponent; also by [, ] and r. */
function useWaysOn(module: ModuleRow) {
  const { id, modules } = useRun()
  const navigate = useNavigate()
  const random = useRandomSubcomponent(module)
  const place = modules.indexOf(module)
  const [previous, next] = [modules[place - 1], modules[place + 1]]
  const actions = useMemo(() => {
    const goTo = (target: ModuleRow | undefined) => () => {
      if (target !== undefined) void navigate(modulePath(id, target.module))
    }
    return { '[': goTo(previous), ']': goTo(next), r: random.run }
  }, [id, navigate, previous, next, random.run])
  useKeys(actions)
  return { previous, next, random }
}
