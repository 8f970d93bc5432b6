import { AtlasError } from '../errors/AtlasError.ts'
import type { TokenCounts } from '../statistics/TokenCounts.ts'
import { totalCount } from '../statistics/TokenCounts.ts'
import { firesGivenToken, pointwiseMutualInformation, tokenGivenFires } from '../statistics/tokenAssociation.ts'
import { type IndexDatabase, queryRows } from './IndexDatabase.ts'
import { decodeTokenCounts } from './tokenCountsBlob.ts'

/** A token of the vocabulary. */
export interface TokenRow {
  readonly tokenId: number
  /** As the tokenizer writes it. */
  readonly token: string
  /** T, the positions of the corpus that hold it. */
  readonly occurrences: number
  /** Its most frequent part of speech; null where it was not tagged. */
  readonly category: string | null
  /** Share of its tagged occurrences in that category. */
  readonly categoryAgreement: number | null
  /** Whether it continues a word; null where tokens were not tagged. */
  readonly isPiece: boolean | null
}

/** Every token, ids ascending. */
export function queryTokens(summary: IndexDatabase): TokenRow[] {
  return queryRows(summary, 'SELECT * FROM token ORDER BY token_id', [], (row) => ({
    tokenId: row.integer('token_id'),
    token: row.text('token'),
    occurrences: row.integer('occurrences'),
    category: row.nullableText('category'),
    categoryAgreement: row.nullableNumber('category_agreement'),
    isPiece: row.nullableInteger('is_piece') === null ? null : row.integer('is_piece') === 1,
  }))
}

/** The tokens by id, and N, read once for many questions. */
export interface TokenTable {
  readonly positionCount: number
  readonly byId: ReadonlyMap<number, TokenRow>
}

/** The table of `queryTokens`' rows. */
export function createTokenTable(rows: readonly TokenRow[]): TokenTable {
  return {
    positionCount: rows.reduce((sum, { occurrences }) => sum + occurrences, 0),
    byId: new Map(rows.map((row) => [row.tokenId, row])),
  }
}

/** The text of `tokenId`; one the table lacks is `bundle/corrupt`. */
export function tokenIn(table: TokenTable, tokenId: number): TokenRow {
  const row = table.byId.get(tokenId)
  if (row !== undefined) return row
  throw new AtlasError('bundle/corrupt', `index: token ${tokenId} is not in the table of tokens`)
}

/** One token of a subcomponent with all that joins the two. */
export interface SubcomponentTokenRow extends Pick<TokenRow, 'tokenId' | 'token' | 'occurrences'> {
  /** m, the positions holding it where the subcomponent is active. */
  readonly count: number
  readonly firesGivenToken: number | null
  readonly tokenGivenFires: number | null
  /** In nats. */
  readonly pmi: number | null
}

/** Every token subcomponent `subcomponent` of a detail file is active on, more firings first, then the lower id. */
export function querySubcomponentTokens(
  detail: IndexDatabase,
  table: TokenTable,
  subcomponent: number,
): SubcomponentTokenRow[] {
  const counts = queryTokenCounts(detail, subcomponent)
  const F = totalCount(counts)
  const rows = [...counts.tokenIds].map((tokenId, i) => {
    const { token, occurrences } = tokenIn(table, tokenId)
    const count = counts.counts[i] ?? 0
    const firings = { m: count, T: occurrences, F, N: table.positionCount }
    return {
      tokenId,
      token,
      occurrences,
      count,
      firesGivenToken: firesGivenToken(firings),
      tokenGivenFires: tokenGivenFires(firings),
      pmi: pointwiseMutualInformation(firings),
    }
  })
  return rows.sort((a, b) => b.count - a.count || a.tokenId - b.tokenId)
}

/** The token counts of subcomponent `subcomponent` of a detail file; none where it is dead. */
export function queryTokenCounts(detail: IndexDatabase, subcomponent: number): TokenCounts {
  const sql = 'SELECT pairs FROM token_counts WHERE subcomponent = ?'
  const [pairs] = queryRows(detail, sql, [subcomponent], (row) => row.blob('pairs'))
  return decodeTokenCounts(pairs ?? new Uint8Array(0), `token counts of subcomponent ${subcomponent}`)
}
