import type { ReactNode } from 'react'
import type { SubcomponentTokenRow } from '../../../core/bundle/queryTokens.ts'
import { formatCount, formatProbability, formatReal } from '../../ui/formatNumber.ts'

/** A column of the table of tokens, beside the token itself. */
export interface TokenColumn {
  readonly name: string
  readonly label: string
  readonly className: string
  readonly readValue: (row: SubcomponentTokenRow) => number
  readonly cell: (row: SubcomponentTokenRow) => ReactNode
}

/** Fewer occurrences than this make a token's shares uncertain: at 100 a share of one half is known to a tenth. */
export const LOW_OCCURRENCES = 100

const orDash = (value: number | null, format: (value: number) => string) => (value === null ? '–' : format(value))

export const TOKEN_COLUMNS: readonly [TokenColumn, ...TokenColumn[]] = [
  { name: 'm', label: 'm', className: 'n', readValue: ({ count }) => count, cell: ({ count }) => formatCount(count) },
  {
    name: 'T',
    label: 'T',
    className: 'n opt',
    readValue: ({ occurrences }) => occurrences,
    cell: ({ occurrences }) => formatCount(occurrences),
  },
  {
    name: 'fires',
    label: 'P(fires | token)',
    className: 'n',
    readValue: ({ firesGivenToken }) => firesGivenToken ?? 0,
    cell: (row) => <FiresGivenToken row={row} />,
  },
  {
    name: 'token',
    label: 'P(token | fires)',
    className: 'n',
    readValue: ({ tokenGivenFires }) => tokenGivenFires ?? 0,
    cell: ({ tokenGivenFires }) => orDash(tokenGivenFires, formatProbability),
  },
  {
    name: 'pmi',
    label: 'PMI',
    className: 'n',
    readValue: ({ pmi }) => pmi ?? Number.NEGATIVE_INFINITY,
    cell: ({ pmi }) => orDash(pmi, formatReal),
  },
]

function FiresGivenToken({ row: { firesGivenToken, occurrences } }: { readonly row: SubcomponentTokenRow }) {
  const text = orDash(firesGivenToken, formatProbability)
  return (
    <>
      {occurrences < LOW_OCCURRENCES ? (
        <span className="badge" title={`the token occurs ${occurrences} times`}>
          {text}
        </span>
      ) : (
        text
      )}{' '}
      <span className="meter" aria-hidden="true">
        <b style={{ width: `${100 * (firesGivenToken ?? 0)}%` }} />
      </span>
    </>
  )
}
