import { ciOfByte } from '../statistics/ciByte.ts'
import { midRankQuantiles } from '../statistics/midRankQuantiles.ts'
import { windowStart } from './columns/exampleColumns.ts'
import { detailBlockOf } from './detailBlock.ts'
import type { IndexDatabase } from './IndexDatabase.ts'
import { type TokenTable, tokenIdAt, tokenIn } from './queryTokens.ts'

/** A firing with the tokens around it. */
export interface ExampleRow {
  /** From 1: random order where sampled, strongest first in the other list. */
  readonly rank: number
  /** Index in the corpus; null where the stories are not known. */
  readonly story: number | null
  /** Of the firing token in its story; in `tokens` where that is not known. */
  readonly position: number
  /** To twelve significant bits (`REAL_ERROR`), as the inner activation. */
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
  const rows = queryPlacedExamples(detail, table, subcomponent, list).map(({ tokenIds, windowCi, ...example }) => ({
    ...example,
    tokens: tokenIds.map((tokenId, i) => ({
      tokenId,
      token: tokenIn(table, tokenId).token,
      causalImportance: ciOfByte(windowCi[i] ?? 0),
    })),
  }))
  const quantiles = list === 'sampled' ? activationQuantiles(rows) : null
  return rows.map((row, i) => ({ ...row, activationQuantile: quantiles?.[i] ?? null }))
}

/** An example with its window as the file has it. */
export interface PlacedExampleRow extends Omit<ExampleRow, 'activationQuantile' | 'tokens'> {
  readonly tokenIds: readonly number[]
  /** ciByte of each of them. */
  readonly windowCi: Uint8Array
}

/** The same with the bytes of its window's causal importances. */
export function queryPlacedExamples(
  detail: IndexDatabase,
  table: TokenTable,
  subcomponent: number,
  list: ExampleList,
): PlacedExampleRow[] {
  const { examples, indexOf } = detailBlockOf(detail)
  const { passages, radius, lists } = examples
  return (lists[indexOf(subcomponent)]?.[list] ?? []).map((example, i) => {
    const { passage, offset, causalImportance, innerActivation, windowCi } = example
    const { story = null, start = 0, ranks = new Uint32Array(0) } = passages[passage] ?? {}
    const first = windowStart(offset, radius)
    return {
      rank: i + 1,
      story,
      position: start + offset,
      causalImportance,
      innerActivation,
      windowStart: start + first,
      tokenIds: Array.from(ranks.subarray(first, first + windowCi.length), (rank) => tokenIdAt(table, rank)),
      windowCi,
    }
  })
}

/** null where an inner activation is not known. */
function activationQuantiles(rows: readonly Pick<ExampleRow, 'innerActivation'>[]): number[] | null {
  const strengths = rows.flatMap(({ innerActivation: h }) => (h === null ? [] : [Math.abs(h)]))
  return strengths.length < rows.length ? null : midRankQuantiles(strengths)
}
