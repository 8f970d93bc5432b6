import { useRun } from '../../clients/RunContext.tsx'
import { corpusPairs, evaluationPairs, type Pair, runPairs } from './describeRun.ts'
import { hasFidelity } from './moduleFidelity.ts'

/** Where run and statistics come from. */
export function Provenance() {
  const { manifest, corpus } = useRun()
  const evaluation = evaluationPairs(manifest)
  const isNarrow = hasFidelity(manifest)
  return (
    <section className={`sec ${isNarrow ? 'c4' : 'c5'}`} aria-labelledby="provenance">
      <h2 id="provenance">Provenance</h2>
      <p className="note">What was read, how it was trained, and what the statistics were counted over.</p>
      <Pairs pairs={runPairs(manifest)} />
      <h3 className="pairs-head">Corpus</h3>
      <Pairs pairs={corpusPairs(corpus)} />
      {evaluation.length > 0 && (
        <>
          <h3 className="pairs-head">Held-out stories</h3>
          <Pairs pairs={evaluation} />
        </>
      )}
    </section>
  )
}

function Pairs({ pairs }: { readonly pairs: readonly Pair[] }) {
  return (
    <dl className="pairs">
      {pairs.map(([name, value]) => (
        <div key={`${name} ${value}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
