import { AtlasError } from '../errors/AtlasError.ts'
import { ciOfByte } from '../statistics/ciByte.ts'
import { midRankQuantiles } from '../statistics/midRankQuantiles.ts'
import { type IndexDatabase, queryRows } from './IndexDatabase.ts'
import { type TokenTable, tokenIn } from './queryTokens.ts'
import { decodeVarints } from './varints.ts'

/** A firing with the tokens around it. */
export interface ExampleRow {
  /** From 1: random order where sampled, strongest first in the other list. */
  readonly rank: number
  /** Index in the corpus; null where the stories are not known. */
  readonly story: number | null
  /** Of the firing token in its story; in `tokens` where that is not known. */
  readonly position: number
  readonly causalImportance: number
  /** null where the harvest did not keep it. */
  readonly innerActivation: number | null
  /** Mid-rank of |inner activation| among the sampled, 0 to 1; null where that is not known and in the list of the strongest. */
  readonly activationQuantile: number | null
  /** Position of the first of `tokens`; 0 where the story is not known. */
  readonly windowStart: number
  readonly tokens: readonly ExampleToken[]
}

export interface ExampleToken {
  readonly tokenId: number
  readonly token: string
  /** To 1/254; 0 where the subcomponent is not active. */
  readonly causalImportance: number
}

/** A uniform sample of the firings, or those with the greatest |inner activation|. */
export const EXAMPLE_LISTS = ['sampled', 'strongest'] as const
export type ExampleList = (typeof EXAMPLE_LISTS)[number]

/** The firings of subcomponent `subcomponent` of a detail file in `list`; none where it is dead. */
export function queryExamples(
  detail: IndexDatabase,
  table: TokenTable,
  subcomponent: number,
  list: ExampleList = 'sampled',
): ExampleRow[] {
  const sql = 'SELECT * FROM example WHERE subcomponent = ? AND list = ? ORDER BY rank'
  const rows = queryRows(detail, sql, [subcomponent, list], (row) => {
    const place = `example ${row.integer('rank')} of subcomponent ${subcomponent}`
    return {
      rank: row.integer('rank'),
      story: row.nullableInteger('story'),
      position: row.integer('position'),
      causalImportance: row.number('causal_importance'),
      innerActivation: row.nullableNumber('inner_activation'),
      windowStart: row.integer('window_start'),
      tokens: windowTokens(row.blob('token_ids'), row.blob('window_ci'), table, place),
    }
  })
  const quantiles = list === 'sampled' ? activationQuantiles(rows) : null
  return rows.map((row, i) => ({ ...row, activationQuantile: quantiles?.[i] ?? null }))
}

/** null where an inner activation is not known. */
function activationQuantiles(rows: readonly Pick<ExampleRow, 'innerActivation'>[]): number[] | null {
  const strengths = rows.flatMap(({ innerActivation: h }) => (h === null ? [] : [Math.abs(h)]))
  return strengths.length < rows.length ? null : midRankQuantiles(strengths)
}

function windowTokens(tokenIds: Uint8Array, windowCi: Uint8Array, table: TokenTable, place: string): ExampleToken[] {
  const ids = decodeVarints(tokenIds, place)
  if (ids.length !== windowCi.length) {
    throw new AtlasError('bundle/corrupt', `${place}: ${windowCi.length} causal importances for ${ids.length} tokens`)
  }
  return [...ids].map((tokenId, i) => ({
    tokenId,
    token: tokenIn(table, tokenId).token,
    causalImportance: ciOfByte(windowCi[i] ?? 0),
  }))
}
