import { Suspense, useEffect, useMemo } from 'react'
import { Link, Outlet, useLocation, useParams } from 'react-router'
import { shortModuleNames } from '../../core/decomposition/addresses.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { OpenedRun } from '../../workers/contracts/IndexApi.ts'
import { useRequest } from '../async/useRequest.ts'
import { createIndexClient } from '../clients/createIndexClient.ts'
import { createModelClient, readModelPreference } from '../clients/createModelClient.ts'
import { type Run, RunContext } from '../clients/RunContext.tsx'
import { ErrorNote } from '../ui/ErrorNote.tsx'
import { PageSkeleton } from '../ui/PageSkeleton.tsx'
import { Bar } from './Bar.tsx'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { runUrl } from './fetchRunList.ts'
import { JumpField } from './JumpField.tsx'

/** Opens the run of the address and shows its page. */
export function RunShell() {
  const { run: id = '' } = useParams()
  return <OpenedRunShell key={id} id={id} />
}

function OpenedRunShell({ id }: { readonly id: string }) {
  const { pathname } = useLocation()
  const bundleUrl = runUrl(id)
  const clients = useClients(bundleUrl)
  const opened = useRequest<Run>(bundleUrl, async (onProgress) =>
    assembleRun(id, bundleUrl, clients, await clients.index.openRun(onProgress)),
  )
  const run = opened.kind === 'ready' ? opened.value : null
  return (
    <>
      <Bar
        runId={id}
        threshold={run?.corpus.threshold ?? null}
        find={run === null ? <span className="find" /> : <JumpField run={run} />}
      />
      <main id="main" tabIndex={-1}>
        {opened.kind === 'loading' && <PageSkeleton what="the run’s index" progress={opened.progress} />}
        {opened.kind === 'failed' && (
          <>
            <title>Error · SPD Atlas</title>
            <ErrorNote level={1} title={`Run ${id} cannot be shown`} error={opened.error} onRetry={opened.retry}>
              <Link className="b" to="/">
                All runs
              </Link>
            </ErrorNote>
          </>
        )}
        {run !== null && (
          <RunContext value={run}>
            <ErrorBoundary key={pathname}>
              <Suspense fallback={<PageSkeleton what="the page" progress={null} />}>
                <Outlet />
              </Suspense>
            </ErrorBoundary>
          </RunContext>
        )}
      </main>
    </>
  )
}

type Clients = Pick<Run, 'index' | 'model'>

/** The workers of one run, which start with their first question and end with the page. */
function useClients(bundleUrl: string): Clients {
  const clients = useMemo(
    () => ({
      index: createIndexClient(bundleUrl),
      model: createModelClient(bundleUrl, () => readModelPreference(location.search)),
    }),
    [bundleUrl],
  )
  useEffect(
    () => () => {
      clients.index.close()
      clients.model.close()
    },
    [clients],
  )
  return clients
}

function assembleRun(id: string, bundleUrl: string, clients: Clients, { manifest, modules }: OpenedRun): Run {
  const { corpus } = manifest
  if (corpus === null) throw new AtlasError('bundle/missing-file', `${id}: the manifest names no corpus, expected one`)
  return { id, bundleUrl, manifest, corpus, modules, shortNames: shortModuleNames(manifest.modules), ...clients }
}
