import type { SubcomponentRow } from '../../../core/bundle/querySubcomponent.ts'
import { useRequest } from '../../async/useRequest.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { Loading } from '../../ui/Loading.tsx'
import { SkeletonRows } from '../../ui/PageSkeleton.tsx'
import { CoFirings } from './CoFirings.tsx'
import { Examples } from './Examples.tsx'
import { Histograms } from './Histograms.tsx'
import { OutputTokens } from './OutputTokens.tsx'
import { TokenTable } from './TokenTable.tsx'

interface DetailSectionsProps {
  readonly row: SubcomponentRow
  /** Short address. */
  readonly name: string
}

/** Tokens, examples and what goes with the firings, once their block of the index is here. */
export function DetailSections({ row, name }: DetailSectionsProps) {
  const { index } = useRun()
  const detail = useRequest(name, (onProgress) => index.readDetail(row, onProgress))
  if (detail.kind === 'failed') {
    return (
      <section className="sec">
        <ErrorNote title="Tokens and examples cannot be read" error={detail.error} onRetry={detail.retry} />
      </section>
    )
  }
  if (detail.kind === 'loading') {
    return (
      <div className="grid">
        <section className="sec c7">
          <h2>Where it fires</h2>
          <Loading what="tokens and examples" progress={detail.progress} />
          <SkeletonRows count={Math.min(20, row.activationCount)} />
        </section>
        <section className="sec c5">
          <h2>Tokens as input</h2>
          <SkeletonRows count={Math.min(12, row.uniqueTokens)} />
        </section>
      </div>
    )
  }
  return (
    <div className="grid">
      <Examples
        sampled={detail.value.examples}
        strongest={detail.value.strongest}
        activationCount={row.activationCount}
      />
      <TokenTable tokens={detail.value.tokens} activationCount={row.activationCount} name={name} />
      <Histograms histograms={detail.value.histograms} activationCount={row.activationCount} name={name} />
      <CoFirings partners={detail.value.coFirings} sampledPositions={detail.value.sampledPositions} name={name} />
      <OutputTokens tokens={detail.value.outputTokens} sampledPositions={detail.value.sampledPositions} name={name} />
    </div>
  )
}
