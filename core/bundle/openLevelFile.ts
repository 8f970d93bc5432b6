import { AtlasError } from '../errors/AtlasError.ts'
import { isHighConcentration } from '../statistics/highConcentration.ts'
import { rankByCount } from '../statistics/rankByCount.ts'
import { subcomponentClass } from '../statistics/subcomponentClass.ts'
import { decodeLevel, type LevelNumbers } from './columns/levelColumns.ts'
import { hasTable, type IndexDatabase, queryRows, type SqlEngine, type WritableDatabase } from './IndexDatabase.ts'
import { SUBCOMPONENT_SCHEMA } from './indexSchema.ts'
import { openIndexFile } from './openIndexFile.ts'
import { querySubcomponentRows, type SubcomponentRow } from './querySubcomponent.ts'
import { createTokenTable, queryTokens, type TokenTable, tokenIdAt } from './queryTokens.ts'
import { insertRows } from './writing/writeIndexFile.ts'

/**
 * The database in `bytes`, an unpacked file of a level, with the tables it tells by their differences from `summary` filled
 * in: every query of the summary works on it. `name` is for messages.
 */
export function openLevelFile(
  engine: SqlEngine,
  bytes: Uint8Array,
  name: string,
  summary: IndexDatabase,
): WritableDatabase {
  const database = openIndexFile(engine, bytes, name)
  try {
    fill(database, summary)
    return database
  } catch (error) {
    database.close()
    if (!(error instanceof AtlasError)) throw error
    throw new AtlasError(error.code, `${name}: ${error.message}`, { cause: error, details: error.details })
  }
}

function fill(database: WritableDatabase, summary: IndexDatabase): void {
  if (!hasTable(database, 'difference') || FILLED_TABLES.some((table) => hasTable(database, table))) {
    throw new AtlasError(
      'bundle/corrupt',
      'not the file of a level: it has no table difference, or subcomponents of its own',
    )
  }
  const { tokens, rows, base } = summaryNumbersOf(summary)
  const levels = readDifferences(database, base)
  database.run(SUBCOMPONENT_SCHEMA)
  database.run('BEGIN')
  insertRows(
    database,
    'token',
    [...tokens.byId.values()].map((row) => ({
      token_id: row.tokenId,
      token: row.token,
      occurrences: row.occurrences,
      category: row.category,
      category_agreement: row.categoryAgreement,
      is_piece: row.isPiece === null ? null : row.isPiece ? 1 : 0,
    })),
  )
  const ranks = ranksOf(rows, levels)
  insertRows(
    database,
    'subcomponent',
    rows.map((row, i) => subcomponentColumns(row, levels[i] ?? NOTHING, ranks[i] ?? null, tokens.positionCount)),
  )
  insertRows(
    database,
    'top_token',
    rows.flatMap(({ moduleId, subcomponent }, i) =>
      (levels[i]?.top ?? []).map(({ rank, count }, k) => ({
        module_id: moduleId,
        subcomponent,
        rank: k + 1,
        token_id: tokenIdAt(tokens, rank),
        count,
      })),
    ),
  )
  database.run('COMMIT')
}

/** Tables of SUBCOMPONENT_SCHEMA, which a level's file has once it is opened. */
const FILLED_TABLES = ['subcomponent', 'token', 'top_token']

const NOTHING: LevelNumbers = { activationCount: 0, uniqueTokens: 0, rarefiedUniqueTokens: null, top: [] }

/** What the levels of a summary differ from. */
interface SummaryNumbers {
  readonly tokens: TokenTable
  /** By address, as `base`. */
  readonly rows: readonly SubcomponentRow[]
  readonly base: readonly LevelNumbers[]
}

const summaries = new WeakMap<IndexDatabase, SummaryNumbers>()

/** Read once for all levels. */
function summaryNumbersOf(summary: IndexDatabase): SummaryNumbers {
  const known = summaries.get(summary)
  if (known !== undefined) return known
  const tokens = createTokenTable(queryTokens(summary))
  const rows = querySubcomponentRows(summary)
  const numbers = { tokens, rows, base: baseOf(rows, topTokensOf(summary), tokens) }
  summaries.set(summary, numbers)
  return numbers
}

interface TopTokenRow {
  readonly moduleId: number
  readonly subcomponent: number
  readonly tokenId: number
  readonly count: number
}

function topTokensOf(summary: IndexDatabase): TopTokenRow[] {
  const sql = 'SELECT module_id, subcomponent, token_id, count FROM top_token ORDER BY module_id, subcomponent, rank'
  return queryRows(summary, sql, [], (row) => ({
    moduleId: row.integer('module_id'),
    subcomponent: row.integer('subcomponent'),
    tokenId: row.integer('token_id'),
    count: row.integer('count'),
  }))
}

/** The summary's own numbers; both lists are by address. */
function baseOf(
  rows: readonly SubcomponentRow[],
  topTokens: readonly TopTokenRow[],
  { idsByRank }: TokenTable,
): LevelNumbers[] {
  const rankOf = new Map(idsByRank.map((tokenId, rank) => [tokenId, rank]))
  let next = 0
  return rows.map((row) => {
    const top: { rank: number; count: number }[] = []
    for (; isOf(topTokens[next], row); next++) {
      const { tokenId = -1, count = 0 } = topTokens[next] ?? {}
      top.push({ rank: rankOf.get(tokenId) ?? -1, count })
    }
    const { activationCount, uniqueTokens, rarefiedUniqueTokens } = row
    return { activationCount, uniqueTokens, rarefiedUniqueTokens, top }
  })
}

function isOf(token: TopTokenRow | undefined, { moduleId, subcomponent }: SubcomponentRow): boolean {
  return token?.moduleId === moduleId && token.subcomponent === subcomponent
}

function readDifferences(database: IndexDatabase, base: readonly LevelNumbers[]): LevelNumbers[] {
  const [levels] = queryRows(database, 'SELECT * FROM difference LIMIT 1', [], (row) => {
    const columns = {
      activation_counts: row.blob('activation_counts'),
      unique_tokens: row.blob('unique_tokens'),
      rarefied_unique_tokens: row.blob('rarefied_unique_tokens'),
      top_places: row.blob('top_places'),
      top_counts: row.blob('top_counts'),
      other_ranks: row.blob('other_ranks'),
      other_counts: row.blob('other_counts'),
    }
    const sign = row.integer('sign')
    if (sign === 1 || sign === -1) return decodeLevel(columns, base, sign)
    throw new AtlasError('bundle/corrupt', `difference: sign ${sign}, expected 1 or −1`)
  })
  if (levels !== undefined) return levels
  throw new AtlasError('bundle/corrupt', 'difference: no row')
}

/** Each subcomponent's rank in its module. */
function ranksOf(rows: readonly SubcomponentRow[], levels: readonly LevelNumbers[]): number[] {
  const ranks: number[] = []
  for (let start = 0; start < rows.length; ) {
    let end = start
    while (end < rows.length && rows[end]?.moduleId === rows[start]?.moduleId) end++
    const order = rankByCount(levels.slice(start, end).map(({ activationCount }) => activationCount))
    for (const [i, place] of order.entries()) ranks[start + place] = i + 1
    start = end
  }
  return ranks
}

function subcomponentColumns(row: SubcomponentRow, level: LevelNumbers, rank: number | null, positionCount: number) {
  const { activationCount, uniqueTokens, rarefiedUniqueTokens, top } = level
  const top10Count = top.reduce((sum, { count }) => sum + count, 0)
  return {
    module_id: row.moduleId,
    subcomponent: row.subcomponent,
    activation_count: activationCount,
    unique_tokens: uniqueTokens,
    class: subcomponentClass(uniqueTokens),
    mean_ci: row.meanCi,
    firing_density: activationCount / positionCount,
    top10_count: top10Count,
    high_concentration: isHighConcentration(top10Count, activationCount) ? 1 : 0,
    rank,
    write_norm: row.writeNorm,
    rarefied_unique_tokens: rarefiedUniqueTokens,
    sampled_count: null,
  }
}
