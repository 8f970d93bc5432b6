import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { describeCiError, describeDropped } from '../../clients/describeReduction.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { Fact } from '../../ui/Fact.tsx'
import { formatCount, formatNats, formatPercent } from '../../ui/formatNumber.ts'
import { ActivityFigures } from './ActivityFigures.tsx'
import { targetName } from './describeRun.ts'
import { ModuleTable } from './ModuleTable.tsx'
import { Provenance } from './Provenance.tsx'

/** What the run is, its numbers, and which of its subcomponents do anything at all. */
export function OverviewPage() {
  const { id, manifest, modules } = useRun()
  const { run, target_model: target } = manifest
  const subcomponents = total(modules, ({ c }) => c)
  return (
    <>
      <title>{`${id} · SPD Atlas`}</title>
      <div className="head">
        <h1>
          {targetName(manifest)}, decomposed into {formatCount(subcomponents)} subcomponents
        </h1>
        <p className="sub">
          {target.architecture}, {target.layers} layers, width {target.width} · CI kind{' '}
          <span className="mono">{run.ci_kind}</span>
          {run.ci_hidden.length > 0 && `, hidden ${run.ci_hidden.join(', ')}`} · step{' '}
          <span className="mono">{run.step}</span> · checkpoint{' '}
          <span className="mono" title={run.checkpoint.sha256}>
            sha256:{run.checkpoint.sha256.slice(0, 4)}…{run.checkpoint.sha256.slice(-4)}
          </span>
        </p>
        <Facts subcomponents={subcomponents} />
        <Reduction />
      </div>
      <ActivityFigures />
      <div className="grid below">
        <ModuleTable />
        <Provenance />
      </div>
    </>
  )
}

function Facts({ subcomponents }: { readonly subcomponents: number }) {
  const { manifest, corpus, modules } = useRun()
  const active = total(modules, (module) => module.active)
  const vocabulary = manifest.target_model.vocabulary_size
  return (
    <dl className="facts">
      <Fact name="modules" value={formatCount(modules.length)} />
      <Fact name="subcomponents" value={formatCount(subcomponents)} />
      <Fact name="active" value={formatCount(active)} detail={`${formatPercent(active / subcomponents)} %`} />
      <Fact name="positions" value={formatCount(corpus.positions)} />
      <Fact
        name="distinct tokens"
        value={formatCount(corpus.distinct_tokens)}
        detail={`of ${formatCount(vocabulary)}, ${formatPercent(corpus.distinct_tokens / vocabulary)} %`}
      />
      <Fact name="threshold" value={String(corpus.threshold)} detail="CI, strictly above" />
      {manifest.evaluation !== null && (
        <Fact name="KL, CI-masked" value={formatNats(manifest.evaluation.ci_masked_kl)} detail="nats a position" />
      )}
    </dl>
  )
}

/** What of the run the graphs do without, and how far that moves the causal importances. */
function Reduction() {
  const { manifest } = useRun()
  const dropped = describeDropped(manifest)
  const error = describeCiError(manifest)
  const { evaluation } = manifest
  if (dropped === null && error === null) return null
  return (
    <p className="note">
      {dropped !== null && `${dropped} `}
      {error !== null &&
        evaluation !== null &&
        `Against the whole run in 32 bits, ${error} (${formatCount(evaluation.stories)} held-out stories, ${formatCount(evaluation.positions)} positions).`}
    </p>
  )
}

const total = (modules: readonly ModuleRow[], countOf: (module: ModuleRow) => number): number =>
  modules.reduce((sum, module) => sum + countOf(module), 0)
