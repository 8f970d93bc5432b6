import type { OutputTokenRow } from '../../../core/bundle/queryOutputTokens.ts'
import type { Table } from '../../../core/tables/formatTable.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatProbability, formatReal, formatShare } from '../../ui/formatNumber.ts'
import { TokenText } from '../../ui/Token.tsx'
import { type AssociationColumn, AssociationTable } from './AssociationTable.tsx'
import { outputFinding, sampledPositionsNote } from './findings.ts'
import { SaveTable } from './SaveTable.tsx'

interface OutputTokensProps {
  /** Most probability first; null where the index has none of any subcomponent. */
  readonly tokens: readonly OutputTokenRow[] | null
  /** Positions counted on; null is all. */
  readonly sampledPositions: number | null
  /** Short address. */
  readonly name: string
}

const COLUMNS: readonly [AssociationColumn<OutputTokenRow>, ...AssociationColumn<OutputTokenRow>[]] = [
  { label: 'Σp', readValue: ({ mass }) => mass, format: formatShare },
  { label: 'mean p', readValue: ({ tokenGivenFires }) => tokenGivenFires, format: formatProbability },
  { label: 'share of all Σp', isOptional: true, readValue: (row) => row.firesGivenToken, format: formatProbability },
  { label: 'PMI', readValue: ({ pmi }) => pmi, format: formatReal },
]

/** The tokens the target model expects next where the subcomponent is active. */
export function OutputTokens({ tokens, sampledPositions, name }: OutputTokensProps) {
  const { id, corpus } = useRun()
  if (tokens === null) return <Absent />
  return (
    <section className="sec c5" aria-labelledby="output-tokens">
      <div className="row between figure-head">
        <h2 id="output-tokens">{outputFinding(tokens)}</h2>
        <SaveTable
          table={() => tokensAsTable(tokens)}
          fileName={`${id}-${name.replace(':', '-')}-output-tokens`}
          what="output tokens"
        />
      </div>
      <p className="note">
        {sampledPositionsNote(sampledPositions, corpus.positions)} Σp: the target model’s probability of the token next,
        summed over the firings there; mean p: the same a firing. PMI in nats. An association, not an effect.
      </p>
      {tokens.length > 0 && (
        <AssociationTable
          head="next token"
          columns={COLUMNS}
          rows={tokens}
          keyOf={({ tokenId }) => tokenId}
          cell={({ token }) => (
            <span className="t">
              <TokenText text={token} />
            </span>
          )}
          what="tokens"
        />
      )}
    </section>
  )
}

function Absent() {
  return (
    <section className="sec c5" aria-labelledby="output-tokens">
      <h2 id="output-tokens">Output tokens</h2>
      <p className="note">Not in this index: what it was made from kept none of the target model’s predictions.</p>
    </section>
  )
}

function tokensAsTable(tokens: readonly OutputTokenRow[]): Table {
  return {
    columns: ['token_id', 'token', 'mass', 'total', 'p_fires_given_token', 'p_token_given_fires', 'pmi'],
    rows: tokens.map((row) => [
      ...[row.tokenId, row.token, row.mass, row.total],
      ...[row.firesGivenToken, row.tokenGivenFires, row.pmi],
    ]),
  }
}
