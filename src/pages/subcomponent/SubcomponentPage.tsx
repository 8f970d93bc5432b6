import { Link, useParams } from 'react-router'
import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { useRequest } from '../../async/useRequest.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { modulePath, modulesPath, runPath } from '../../clients/runPaths.ts'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
import { PageSkeleton } from '../../ui/PageSkeleton.tsx'
import { DetailSections } from './DetailSections.tsx'
import { SubcomponentHead } from './SubcomponentHead.tsx'
import './subcomponent.css'

/** One subcomponent: what it is, on which tokens it fires, and where. */
export function SubcomponentPage() {
  const { module: path = '', subcomponent = '' } = useParams()
  const { id, modules } = useRun()
  const module = modules.find((row) => row.module === path)
  if (module === undefined) {
    return (
      <UnknownAddress
        message={`${path}:${subcomponent}: run ${id} has no module ${path}, expected one of its ${modules.length}`}
        module={null}
      />
    )
  }
  if (!/^\d{1,9}$/.test(subcomponent) || Number(subcomponent) >= module.c) {
    return (
      <UnknownAddress
        message={`${path}:${subcomponent}: the module has no such subcomponent, expected 0 to ${module.c - 1}`}
        module={module}
      />
    )
  }
  return <KnownSubcomponent key={`${path}:${subcomponent}`} module={module} subcomponent={Number(subcomponent)} />
}

function KnownSubcomponent({ module, subcomponent }: { readonly module: ModuleRow; readonly subcomponent: number }) {
  const { id, index, shortNames } = useRun()
  const address = { moduleId: module.moduleId, subcomponent }
  const described = useRequest(`${module.module}:${subcomponent}`, () => index.describeSubcomponent(address))
  const name = `${shortNames.get(module.module)}:${subcomponent}`
  return (
    <>
      {described.kind === 'loading' && <PageSkeleton what="the subcomponent" progress={null} />}
      {described.kind === 'failed' && (
        <ErrorNote level={1} title={`${name} cannot be shown`} error={described.error} onRetry={described.retry}>
          <Link className="b" to={modulePath(id, module.module)}>
            {module.module}
          </Link>
        </ErrorNote>
      )}
      {described.kind === 'ready' && (
        <>
          <title>{`${name} · ${id} · SPD Atlas`}</title>
          <SubcomponentHead module={module} description={described.value} />
          {described.value.row.rank === null ? (
            <Dead module={module} />
          ) : (
            <DetailSections row={described.value.row} name={name} />
          )}
        </>
      )}
    </>
  )
}

function Dead({ module }: { readonly module: ModuleRow }) {
  const { id, corpus } = useRun()
  return (
    <section className="sec" aria-labelledby="dead">
      <h2 id="dead">Never active in {formatCount(corpus.positions)} positions</h2>
      <p className="note">
        Its causal importance stays at or below {corpus.threshold} wherever the corpus was read, so there are no tokens
        and no examples. Another corpus or a lower threshold may wake it.
      </p>
      <p className="row">
        <Link className="b" to={`${modulePath(id, module.module)}?band=dead`}>
          All dead subcomponents of the module
        </Link>
        <Link className="b" to={modulePath(id, module.module)}>
          Its active ones
        </Link>
      </p>
    </section>
  )
}

interface UnknownAddressProps {
  readonly message: string
  /** Null where the module is unknown too. */
  readonly module: ModuleRow | null
}

function UnknownAddress({ message, module }: UnknownAddressProps) {
  const { id } = useRun()
  return (
    <>
      <title>Unknown address · SPD Atlas</title>
      <ErrorNote level={1} title="Unknown address" error={{ message }}>
        {module !== null && (
          <Link className="b" to={modulePath(id, module.module)}>
            {module.module}
          </Link>
        )}
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
