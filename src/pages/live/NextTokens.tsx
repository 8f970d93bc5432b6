import type { Table } from '../../../core/tables/formatTable.ts'
import { formatCsv } from '../../../core/tables/formatTable.ts'
import type { AblationEffect, ChangedPrediction, ObservedPosition } from '../../../workers/contracts/ModelApi.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatChange, formatProbability } from '../../ui/formatNumber.ts'
import { CSV_TYPE, saveFile } from '../../ui/saveFile.ts'
import { TokenText } from '../../ui/Token.tsx'
import { FindingText } from './FindingText.tsx'
import { ablationFinding, nameAblated, plainFinding, predictionFinding } from './findings.ts'
import { axisStart, LEAST_PROBABILITY, placeChange, placeProbability, worthRows } from './nextTokenScale.ts'

interface NextTokensProps {
  readonly at: ObservedPosition
  /** Null where nothing is ablated. */
  readonly effect: AblationEffect | null
  /** Short addresses of what is ablated. */
  readonly ablated: readonly string[]
}

/** Next-token probabilities at the chosen token, before and, where something is ablated, after. */
export function NextTokens({ at, effect, ablated }: NextTokensProps) {
  const { id } = useRun()
  const finding = effect === null ? predictionFinding(at) : ablationFinding(nameAblated(ablated), effect)
  const table = effect === null ? predictionTable(at) : changeTable(effect)
  return (
    <>
      <div className="row between figure-head">
        <h2>
          <FindingText finding={finding} />
        </h2>
        <span className="export">
          <button
            className="link"
            type="button"
            aria-label={`Save as CSV: ${plainFinding(finding)}`}
            onClick={() => saveFile(`${id}-live-next-tokens.csv`, formatCsv(table), CSV_TYPE)}
          >
            CSV
          </button>
        </span>
      </div>
      <p className="note">
        Next-token probability at position {at.position} in the target model
        {effect !== null && (
          <>
            , <BeforeMark /> before and <AfterMark /> after the ablation
          </>
        )}
        . Tokens below {LEAST_PROBABILITY} are left out.
      </p>
      {effect === null ? <Predictions at={at} /> : <Changes effect={effect} />}
    </>
  )
}

function Predictions({ at }: { readonly at: ObservedPosition }) {
  const predictions = worthRows(at.predictions, ({ probability }) => probability)
  const start = axisStart(predictions.map(({ probability }) => probability))
  return (
    <table className="next-tokens">
      <thead>
        <tr>
          <th scope="col">next token</th>
          <th scope="col" className="n">
            probability
          </th>
          <AxisHead start={start} />
        </tr>
      </thead>
      <tbody>
        {predictions.map(({ tokenId, token, probability }) => (
          <tr key={tokenId}>
            <TokenCell tokenId={tokenId} token={token} />
            <td className="n">{formatProbability(probability)}</td>
            <td>
              <span className="dots">
                <i style={{ left: `${placeProbability(probability, start)}%` }} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Changes({ effect }: { readonly effect: AblationEffect }) {
  const predictions = worthRows(effect.predictions, ({ before, after }) => Math.max(before, after))
  const start = axisStart(predictions.flatMap(({ before, after }) => [before, after]))
  const widest = Math.max(...predictions.map(({ logChange }) => Math.abs(logChange)))
  return (
    <table className="next-tokens">
      <thead>
        <tr>
          <th scope="col">next token</th>
          <th scope="col" className="n">
            before
          </th>
          <AxisHead start={start} />
          <th scope="col" className="n">
            after
          </th>
          <th scope="col" className="n">
            Δ log p, nats
          </th>
          <th scope="col" className="opt change">
            less · more likely
          </th>
        </tr>
      </thead>
      <tbody>
        {predictions.map((prediction) => (
          <ChangeRow key={prediction.tokenId} prediction={prediction} start={start} widest={widest} />
        ))}
      </tbody>
    </table>
  )
}

interface ChangeRowProps {
  readonly prediction: ChangedPrediction
  /** Probability at the left end of the axis. */
  readonly start: number
  /** Largest change shown, in nats. */
  readonly widest: number
}

function ChangeRow({ prediction, start, widest }: ChangeRowProps) {
  const { tokenId, token, before, after, logChange } = prediction
  const from = placeProbability(before, start)
  const to = placeProbability(after, start)
  const bar = placeChange(logChange, widest)
  return (
    <tr>
      <TokenCell tokenId={tokenId} token={token} />
      <td className="n">{formatProbability(before)}</td>
      <td>
        <span className="dots">
          <s style={{ left: `${Math.min(from, to)}%`, width: `${Math.abs(to - from)}%` }} />
          <i style={{ left: `${from}%` }} />
          <b style={{ left: `${to}%` }} />
        </span>
      </td>
      <td className="n">{formatProbability(after)}</td>
      <td className="n">{formatChange(logChange)}</td>
      <td className="opt change">
        <span className="diverging">
          <b className={logChange > 0 ? 'up' : ''} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} />
        </span>
      </td>
    </tr>
  )
}

function AxisHead({ start }: { readonly start: number }) {
  return (
    <th scope="col" className="axis">
      <span>
        <span>{start}</span>
        <span className="opt">probability, log scale</span>
        <span>1</span>
      </span>
    </th>
  )
}

/** A row of an embedding that the tokenizer has no token for is named by its number. */
function TokenCell({ tokenId, token }: { readonly tokenId: number; readonly token: string | null }) {
  return (
    <td className="mono token" title={`token ${tokenId}`}>
      {token === null ? `#${tokenId}` : <TokenText text={token} />}
    </td>
  )
}

export function BeforeMark() {
  return (
    <svg width="11" height="11" aria-hidden="true">
      <circle cx="5.5" cy="5.5" r="4" fill="var(--paper)" stroke="var(--ink-2)" strokeWidth="2" />
    </svg>
  )
}

export function AfterMark() {
  return (
    <svg width="11" height="11" aria-hidden="true">
      <rect x="2" y="2" width="7" height="7" transform="rotate(45 5.5 5.5)" className="acc" />
    </svg>
  )
}

function predictionTable({ predictions }: ObservedPosition): Table {
  const rows = predictions.map(({ tokenId, token, probability }) => [tokenId, token, probability])
  return { columns: ['token_id', 'token', 'probability'], rows }
}

function changeTable({ predictions }: AblationEffect): Table {
  const columns = ['token_id', 'token', 'before', 'after', 'log_change_nats']
  return { columns, rows: predictions.map((p) => [p.tokenId, p.token, p.before, p.after, p.logChange]) }
}
