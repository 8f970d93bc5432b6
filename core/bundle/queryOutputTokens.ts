import { AtlasError } from '../errors/AtlasError.ts'
import type { TokenMass } from '../statistics/TokenMass.ts'
import { firesGivenToken, pointwiseMutualInformation, tokenGivenFires } from '../statistics/tokenAssociation.ts'
import { detailBlockOf } from './detailBlock.ts'
import { type IndexDatabase, queryEach } from './IndexDatabase.ts'
import { querySample } from './querySample.ts'
import { querySubcomponent, type SubcomponentAddress } from './querySubcomponent.ts'
import { type TokenTable, tokenIdAt, tokenIn } from './queryTokens.ts'

/** A token the target model expects next where a subcomponent is active: an association, not an effect. */
export interface OutputTokenRow {
  readonly tokenId: number
  /** As the tokenizer writes it. */
  readonly token: string
  /** Its probability, summed over the subcomponent's firings (the sampled ones where there is a sample): in m's place. */
  readonly mass: number
  /** Its probability, summed over all positions, or the sampled ones: in T's place. */
  readonly total: number
  /** P(fires|token); null where the total is 0. */
  readonly firesGivenToken: number | null
  /** P(token|fires), the mean probability where the subcomponent is active; null where it is dead. */
  readonly tokenGivenFires: number | null
  /** In nats. */
  readonly pmi: number | null
}

/**
 * The output tokens of the subcomponent at `address`, most mass first, then the lower id: those first by mass or by PMI
 * of all there are. null where the index has no output tokens.
 */
export function queryOutputTokens(
  detail: IndexDatabase,
  summary: IndexDatabase,
  table: TokenTable,
  address: SubcomponentAddress,
): OutputTokenRow[] | null {
  const tokens = queryTokenMasses(detail, table, address.subcomponent)?.sort(
    (a, b) => b.mass - a.mass || a.tokenId - b.tokenId,
  )
  if (tokens === undefined) return null
  const own = querySubcomponent(summary, address)
  const F = own.sampledCount ?? own.activationCount
  const N = querySample(summary)?.positions ?? table.positionCount
  const totals = queryOutputTotals(summary, tokens)
  return tokens.map(({ tokenId, mass }, i) => {
    const total = totals[i] ?? 0
    const masses = { m: mass, T: total, F, N }
    return {
      tokenId,
      token: tokenIn(table, tokenId).token,
      mass,
      total,
      firesGivenToken: firesGivenToken(masses),
      tokenGivenFires: tokenGivenFires(masses),
      pmi: pointwiseMutualInformation(masses),
    }
  })
}

/** The output tokens of subcomponent `subcomponent` of a detail file; undefined where it has none of any. */
export function queryTokenMasses(
  detail: IndexDatabase,
  table: TokenTable,
  subcomponent: number,
): TokenMass[] | undefined {
  const { outputTokens, indexOf } = detailBlockOf(detail)
  if (outputTokens === null) return undefined
  const own = outputTokens[indexOf(subcomponent)] ?? []
  return own.map(({ tokenId: rank, mass }) => ({ tokenId: tokenIdAt(table, rank), mass }))
}

function queryOutputTotals(summary: IndexDatabase, tokens: readonly { readonly tokenId: number }[]): number[] {
  const values = tokens.map(({ tokenId }) => [tokenId])
  const sql = 'SELECT mass FROM output_total WHERE token_id = ?'
  return queryEach(summary, sql, values, (row) => row.number('mass')).map(([total], i) => {
    if (total !== undefined) return total
    throw new AtlasError('bundle/corrupt', `index: output token ${values[i]?.join()} has no total`)
  })
}
