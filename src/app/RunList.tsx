import { Link, Navigate } from 'react-router'
import { useRequest } from '../async/useRequest.ts'
import { runPath } from '../clients/runPaths.ts'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { PageSkeleton } from '../ui/PageSkeleton.tsx'
import { Bar } from './Bar.tsx'
import { fetchRunList, type RunList as Runs } from './fetchRunList.ts'

/** The runs to choose from; a single one opens by itself. */
export function RunList() {
  const runs = useRequest('runs', fetchRunList)
  const [only] = runs.kind === 'ready' && runs.value.length === 1 ? runs.value : []
  if (only !== undefined) return <Navigate to={runPath(only.id)} replace />
  return (
    <>
      <title>Runs · SPD Atlas</title>
      <Bar runId={null} threshold={null} find={<span className="find" />} />
      <main id="main" tabIndex={-1}>
        {runs.kind === 'loading' && <PageSkeleton what="the list of runs" progress={null} />}
        {runs.kind === 'failed' && (
          <ErrorNote level={1} title="The list of runs cannot be read" error={runs.error} onRetry={runs.retry} />
        )}
        {runs.kind === 'ready' && <RunTable runs={runs.value} />}
      </main>
    </>
  )
}

function RunTable({ runs }: { readonly runs: Runs }) {
  return (
    <>
      <div className="head">
        <h1>Runs</h1>
        <p className="sub">One run is one trained decomposition of a language model.</p>
      </div>
      <section className="sec">
        {runs.length === 0 && <p className="empty">No run is bundled with this page.</p>}
        <ul className="plain">
          {runs.map(({ id, title }) => (
            <li key={id}>
              <Link to={runPath(id)}>{title}</Link> <span className="mono dim">{id}</span>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
