import { Fragment, useState } from 'react'
import type { ExampleRow, ExampleToken } from '../../../core/bundle/queryExamples.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatCount, formatReal } from '../../ui/formatNumber.ts'
import { CiKey, ciStep, TokenText } from '../../ui/Token.tsx'
import { CHOICE_LABELS, type ExampleChoice, exampleChoices, exampleNote, groupExamples } from './exampleChoices.ts'

interface ExamplesProps {
  /** A sample of the firings. */
  readonly sampled: readonly ExampleRow[]
  /** Greatest |inner activation| first; none where the index has no such list. */
  readonly strongest: readonly ExampleRow[]
  readonly activationCount: number
}

/** Firings as keywords in context, shaded by causal importance: a sample, the strongest, or the sample by strength. */
export function Examples({ sampled, strongest, activationCount }: ExamplesProps) {
  const { manifest, corpus } = useRun()
  const choices = exampleChoices(sampled, strongest)
  const [chosen, setChosen] = useState<ExampleChoice>('sampled')
  const trainedLength = manifest.run.trained_length
  const groups = groupExamples(chosen, sampled, strongest)
  const isBeyond = groups.some(({ examples }) => examples.some((example) => isBeyondTraining(example, trainedLength)))
  return (
    <section className="sec c7" aria-labelledby="examples">
      <div className="row between figure-head">
        <h2 id="examples">Where it fires</h2>
        {choices.length > 1 && <ChoiceSwitch choices={choices} chosen={chosen} onChoose={setChosen} />}
      </div>
      <p className="note">
        {exampleNote(chosen, { sampled, strongest, activationCount, source: corpus.source })} The firing token is
        centred; shading and underline give CI.
      </p>
      <div className="row between key-row">
        <CiKey threshold={corpus.threshold} />
        <span className="dim num ci-head">CI</span>
      </div>
      {groups.map(({ title, examples }) => (
        <Fragment key={title}>
          {groups.length > 1 && <h3 className="pairs-head">{title}</h3>}
          <ol className="plain kwic" aria-label={groups.length > 1 ? title : 'Examples of firings'}>
            {examples.map((example) => (
              <Example
                key={example.rank}
                example={example}
                trainedLength={trainedLength}
                threshold={corpus.threshold}
              />
            ))}
          </ol>
        </Fragment>
      ))}
      {isBeyond && (
        <p className="note beyond-note">
          <span className="badge">Dotted</span>: the firing lies beyond the trained length, {trainedLength} positions.
        </p>
      )}
    </section>
  )
}

interface ChoiceSwitchProps {
  readonly choices: readonly ExampleChoice[]
  readonly chosen: ExampleChoice
  readonly onChoose: (choice: ExampleChoice) => void
}

function ChoiceSwitch({ choices, chosen, onChoose }: ChoiceSwitchProps) {
  return (
    <fieldset className="theme">
      <legend className="vh">Examples</legend>
      {choices.map((choice) => (
        <label key={choice}>
          <input type="radio" name="examples" checked={choice === chosen} onChange={() => onChoose(choice)} />
          {CHOICE_LABELS[choice]}
        </label>
      ))}
    </fieldset>
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

function describePlace(example: ExampleRow, isBeyond: boolean): string | undefined {
  const { story, position, innerActivation } = example
  if (story === null) return undefined
  const place = `story ${formatCount(story)}, position ${position}`
  const activation = innerActivation === null ? '' : `, inner activation ${formatReal(innerActivation)}`
  return `${place}${activation}${isBeyond ? ', beyond the trained length' : ''}`
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
