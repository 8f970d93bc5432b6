import { AtlasError } from '../errors/AtlasError.ts'
import { type IndexDatabase, queryEach } from './IndexDatabase.ts'
import type { SubcomponentAddress } from './querySubcomponent.ts'

/** One of a subcomponent's most frequent tokens. */
export interface TopToken {
  readonly tokenId: number
  /** As the tokenizer writes it. */
  readonly token: string
  /** m, the positions holding it where the subcomponent is active. */
  readonly count: number
}

/** How many tokens of a subcomponent the summary holds. */
export const SUMMARY_TOP_TOKENS = 10

/** The `limit` (at most 10) most frequent tokens of each of `addresses`, in their order; none where dead. */
export function queryTopTokens(
  summary: IndexDatabase,
  addresses: readonly SubcomponentAddress[],
  limit: number,
): TopToken[][] {
  if (limit > SUMMARY_TOP_TOKENS) {
    throw new AtlasError('arguments/invalid', `${limit} top tokens asked for, the summary has ${SUMMARY_TOP_TOKENS}`)
  }
  const sql = `SELECT token_id, token, count FROM top_token JOIN token USING (token_id)
    WHERE module_id = ? AND subcomponent = ? AND rank <= ? ORDER BY rank`
  const values = addresses.map(({ moduleId, subcomponent }) => [moduleId, subcomponent, limit])
  return queryEach(summary, sql, values, (row) => ({
    tokenId: row.integer('token_id'),
    token: row.text('token'),
    count: row.integer('count'),
  }))
}
