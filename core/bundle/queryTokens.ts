import { AtlasError } from '../errors/AtlasError.ts'
import type { TokenCounts } from '../statistics/TokenCounts.ts'
import { totalCount } from '../statistics/TokenCounts.ts'
import { firesGivenToken, pointwiseMutualInformation, tokenGivenFires } from '../statistics/tokenAssociation.ts'
import { detailBlockOf } from './detailBlock.ts'
import { type IndexDatabase, queryRows } from './IndexDatabase.ts'
import { idsByFrequency } from './tokenRanks.ts'

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
  /** Token ids, the most frequent first: what files of detail count in. */
  readonly idsByRank: readonly number[]
}

/** The table of `queryTokens`' rows. */
export function createTokenTable(rows: readonly TokenRow[]): TokenTable {
  return {
    positionCount: rows.reduce((sum, { occurrences }) => sum + occurrences, 0),
    byId: new Map(rows.map((row) => [row.tokenId, row])),
    idsByRank: idsByFrequency(rows),
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
  const counts = queryTokenCounts(detail, table, subcomponent)
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

/** The id of the token of frequency rank `rank`; one the table lacks is `bundle/corrupt`. */
export function tokenIdAt({ idsByRank }: TokenTable, rank: number): number {
  const tokenId = idsByRank[rank]
  if (tokenId !== undefined) return tokenId
  throw new AtlasError('bundle/corrupt', `index: token of rank ${rank}, of ${idsByRank.length} in the table of tokens`)
}

/** The token counts of subcomponent `subcomponent` of a detail file, ids ascending; none where it is dead. */
export function queryTokenCounts(detail: IndexDatabase, table: TokenTable, subcomponent: number): TokenCounts {
  const { tokenCounts, indexOf } = detailBlockOf(detail)
  const { tokenIds: ranks, counts } = tokenCounts[indexOf(subcomponent)] ?? NO_COUNTS
  const entries = Array.from(ranks, (rank, i) => ({ tokenId: tokenIdAt(table, rank), count: counts[i] ?? 0 }))
  entries.sort((a, b) => a.tokenId - b.tokenId)
  return {
    tokenIds: Uint32Array.from(entries, ({ tokenId }) => tokenId),
    counts: Uint32Array.from(entries, ({ count }) => count),
  }
}

const NO_COUNTS: TokenCounts = { tokenIds: new Uint32Array(0), counts: new Uint32Array(0) }
