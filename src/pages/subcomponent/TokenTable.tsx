import { useRef, useState } from 'react'
import type { SubcomponentTokenRow } from '../../../core/bundle/queryTokens.ts'
import type { Table } from '../../../core/tables/formatTable.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
import { type SortDirection, SortHeader } from '../../ui/SortHeader.tsx'
import { tokensFinding } from './findings.ts'
import { SaveTable } from './SaveTable.tsx'
import { TokenRows } from './TokenRows.tsx'
import { LOW_OCCURRENCES, TOKEN_COLUMNS, type TokenColumn } from './tokenColumns.tsx'

interface TokenTableProps {
  /** Most firings first. */
  readonly tokens: readonly SubcomponentTokenRow[]
  readonly activationCount: number
  /** Short address. */
  readonly name: string
}

/** Rows shown before a reader asks for all. */
const FIRST_ROWS = 16

/** The tokens a subcomponent fires on, with how each goes with its firing. */
export function TokenTable({ tokens, activationCount, name }: TokenTableProps) {
  const { id } = useRun()
  const [isExpanded, setIsExpanded] = useState(false)
  const { rows, sorted, sortBy } = useSortedTokens(tokens)
  const scroller = useRef<HTMLDivElement>(null)
  const isAll = isExpanded || tokens.length <= FIRST_ROWS
  return (
    <section className="sec c5" aria-labelledby="tokens">
      <div className="row between figure-head">
        <h2 id="tokens">{tokensFinding(tokens, activationCount)}</h2>
        <SaveTable
          table={() => tokensAsTable(rows)}
          fileName={`${id}-${name.replace(':', '-')}-tokens`}
          what="all tokens"
        />
      </div>
      <p className="note">m firings on the token, T its occurrences in the corpus. An association, not an effect.</p>
      <div className={isExpanded ? 'wrap token-scroll' : 'wrap'} ref={scroller} {...scrollableIf(isExpanded)}>
        <table className="token-table" aria-rowcount={tokens.length + 1}>
          <thead>
            <tr>
              <th scope="col">token</th>
              {TOKEN_COLUMNS.map((column) => (
                <SortHeader
                  key={column.name}
                  className={column.className}
                  direction={sorted.column === column ? sorted.direction : null}
                  onSort={() => sortBy(column)}
                >
                  {column.label}
                </SortHeader>
              ))}
            </tr>
          </thead>
          <TokenRows rows={isAll ? rows : rows.slice(0, FIRST_ROWS)} scroller={isExpanded ? scroller : null} />
        </table>
      </div>
      {!isAll && (
        <button className="link" type="button" onClick={() => setIsExpanded(true)}>
          {formatCount(tokens.length - FIRST_ROWS)} more tokens
        </button>
      )}
      <LowCountNote tokens={isAll ? rows : rows.slice(0, FIRST_ROWS)} />
    </section>
  )
}

function scrollableIf(isScrollable: boolean) {
  return isScrollable ? { tabIndex: 0, role: 'region', 'aria-label': 'All tokens' } : {}
}

function LowCountNote({ tokens }: { readonly tokens: readonly SubcomponentTokenRow[] }) {
  if (tokens.every(({ occurrences }) => occurrences >= LOW_OCCURRENCES)) return null
  return (
    <p className="note low-note">
      <span className="badge">Dotted</span>: the token occurs fewer than {LOW_OCCURRENCES} times; read its shares with
      care.
    </p>
  )
}

function useSortedTokens(tokens: readonly SubcomponentTokenRow[]) {
  const [first] = TOKEN_COLUMNS
  const [sorted, setSorted] = useState<{ readonly column: TokenColumn; readonly direction: SortDirection }>({
    column: first,
    direction: 'descending',
  })
  const sign = sorted.direction === 'ascending' ? 1 : -1
  const { readValue } = sorted.column
  const rows = tokens.toSorted(
    (a, b) => sign * (readValue(a) - readValue(b)) || b.count - a.count || a.tokenId - b.tokenId,
  )
  const sortBy = (column: TokenColumn) => {
    const isReversed = column === sorted.column && sorted.direction === 'descending'
    setSorted({ column, direction: isReversed ? 'ascending' : 'descending' })
  }
  return { rows, sorted, sortBy }
}

function tokensAsTable(tokens: readonly SubcomponentTokenRow[]): Table {
  return {
    columns: ['token_id', 'token', 'count', 'occurrences', 'p_fires_given_token', 'p_token_given_fires', 'pmi'],
    rows: tokens.map((row) => [
      ...[row.tokenId, row.token, row.count, row.occurrences],
      ...[row.firesGivenToken, row.tokenGivenFires, row.pmi],
    ]),
  }
}
