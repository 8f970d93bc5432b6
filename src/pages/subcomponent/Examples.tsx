import type { ExampleRow, ExampleToken } from '../../../core/bundle/queryExamples.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatCount, formatReal } from '../../ui/formatNumber.ts'
import { CiKey, ciStep, TokenText } from '../../ui/Token.tsx'
import { sampleNote } from './findings.ts'

interface ExamplesProps {
  readonly examples: readonly ExampleRow[]
  readonly activationCount: number
}

/** Sampled firings as keywords in context, shaded by causal importance. */
export function Examples({ examples, activationCount }: ExamplesProps) {
  const { manifest, corpus } = useRun()
  const trainedLength = manifest.run.trained_length
  const isBeyond = examples.some((example) => isBeyondTraining(example, trainedLength))
  return (
    <section className="sec c7" aria-labelledby="examples">
      <h2 id="examples">Where it fires</h2>
      <p className="note">
        {sampleNote(examples.length, activationCount, corpus.source)} The firing token is centred; shading and underline
        give CI.
      </p>
      <div className="row between key-row">
        <CiKey threshold={corpus.threshold} />
        <span className="dim num ci-head">CI</span>
      </div>
      <ol className="plain kwic" aria-label="Examples of firings">
        {examples.map((example) => (
          <Example key={example.rank} example={example} trainedLength={trainedLength} threshold={corpus.threshold} />
        ))}
      </ol>
      {isBeyond && (
        <p className="note beyond-note">
          <span className="badge">Dotted</span>: the firing lies beyond the trained length, {trainedLength} positions.
        </p>
      )}
    </section>
  )
}

interface ExampleProps {
  readonly example: ExampleRow
  readonly trainedLength: number | null
  readonly threshold: number
}

function Example({ example, trainedLength, threshold }: ExampleProps) {
  const { tokens, position, windowStart, causalImportance } = example
  const firing = position - windowStart
  const isBeyond = isBeyondTraining(example, trainedLength)
  const show = (token: ExampleToken, i: number) => (
    <ShadedToken key={windowStart + i} token={token} threshold={threshold} isBeyond={isBeyond && i === firing} />
  )
  return (
    <li className="kw" title={describePlace(example, isBeyond)}>
      <div>
        <span>{tokens.slice(0, firing).map(show)}</span>
      </div>
      <div>{tokens.slice(firing, firing + 1).map((token) => show(token, firing))}</div>
      <div>{tokens.slice(firing + 1).map((token, i) => show(token, firing + 1 + i))}</div>
      <div className="num">
        <span className="vh">causal importance </span>
        {isBeyond ? (
          <span className="badge" title="beyond the trained length">
            {formatReal(causalImportance)}
          </span>
        ) : (
          formatReal(causalImportance)
        )}
      </div>
    </li>
  )
}

/** Whether a firing lies where the run was never trained; not known where its story is not. */
function isBeyondTraining({ story, position }: ExampleRow, trainedLength: number | null): boolean {
  return story !== null && trainedLength !== null && position >= trainedLength
}

function describePlace({ story, position }: ExampleRow, isBeyond: boolean): string | undefined {
  if (story === null) return undefined
  const place = `story ${formatCount(story)}, position ${position}`
  return isBeyond ? `${place}, beyond the trained length` : place
}

interface ShadedTokenProps {
  readonly token: ExampleToken
  readonly threshold: number
  readonly isBeyond: boolean
}

function ShadedToken({ token, threshold, isBeyond }: ShadedTokenProps) {
  const step = ciStep(token.causalImportance, threshold)
  return (
    <span className={`t c${step}${isBeyond ? ' beyond' : ''}`}>
      <TokenText text={token.token} />
    </span>
  )
}
