import { AtlasError } from '../errors/AtlasError.ts'
import { type BlockTokens, decodeTokens, type TokenInModule } from './columns/tokenColumns.ts'
import { type IndexDatabase, queryRows } from './IndexDatabase.ts'
import type { SubcomponentAddress } from './querySubcomponent.ts'

/** A subcomponent that a token activates at the run's threshold. */
export interface TokenSubcomponent extends SubcomponentAddress {
  /** m, positions holding the token where it is active. */
  readonly count: number
}

/** Numbers of each module's active subcomponents, the most active first. */
export function querySubcomponentsByRank(summary: IndexDatabase): number[][] {
  const sql = 'SELECT module_id, subcomponent FROM subcomponent WHERE rank IS NOT NULL ORDER BY module_id, rank'
  const modules: number[][] = []
  for (const { moduleId, subcomponent } of queryRows(summary, sql, [], (row) => ({
    moduleId: row.integer('module_id'),
    subcomponent: row.integer('subcomponent'),
  }))) {
    const own = modules[moduleId] ?? []
    own.push(subcomponent)
    modules[moduleId] = own
  }
  return modules
}

/** Every subcomponent that `tokenId` of a file of tokens activates, by address; `byRank` of `querySubcomponentsByRank`. */
export function queryTokenSubcomponents(
  tokens: IndexDatabase,
  tokenId: number,
  byRank: readonly (readonly number[])[],
): TokenSubcomponent[] {
  return modulesOf(tokens, tokenId).flatMap(({ ranks, counts }, moduleId) =>
    Array.from(ranks, (rank, i) => {
      const subcomponent = byRank[moduleId]?.[rank]
      if (subcomponent !== undefined) return { moduleId, subcomponent, count: counts[i] ?? 0 }
      throw new AtlasError(
        'bundle/corrupt',
        `token ${tokenId}: activates rank ${rank + 1} of module ${moduleId}, which is none`,
      )
    }).sort((a, b) => a.subcomponent - b.subcomponent),
  )
}

/**
 * Subcomponents that `tokenId` of a file of tokens activates: a list of `moduleCount` modules, each with a number for
 * each of `levelCount` levels; all 0 where it activates none.
 */
export function queryTokenModules(
  tokens: IndexDatabase,
  tokenId: number,
  { moduleCount, levelCount }: { readonly moduleCount: number; readonly levelCount: number },
): number[][] {
  const modules = modulesOf(tokens, tokenId)
  if (modules.length === 0) return Array.from({ length: moduleCount }, () => new Array<number>(levelCount).fill(0))
  const found = modules[0]?.active.length
  if (modules.length !== moduleCount || found !== levelCount) {
    const expected = `${moduleCount} and ${levelCount}`
    throw new AtlasError(
      'bundle/corrupt',
      `token ${tokenId}: ${modules.length} modules and ${found} levels, expected ${expected}`,
    )
  }
  return modules.map(({ active }) => [...Array.from(active)])
}

interface OpenTokens extends BlockTokens {
  readonly indices: ReadonlyMap<number, number>
}

const blocks = new WeakMap<IndexDatabase, OpenTokens>()

/** What `tokenId` activates of each module; none where it activates none at any level. */
function modulesOf(tokens: IndexDatabase, tokenId: number): readonly TokenInModule[] {
  const block = blocks.get(tokens) ?? unpack(tokens)
  blocks.set(tokens, block)
  return block.tokens[block.indices.get(tokenId) ?? -1] ?? []
}

function unpack(tokens: IndexDatabase): OpenTokens {
  const [block] = queryRows(tokens, 'SELECT * FROM token_subcomponents LIMIT 1', [], (row) =>
    decodeTokens({
      tokens: row.blob('tokens'),
      modules: row.integer('modules'),
      levels: row.integer('levels'),
      run_level: row.integer('run_level'),
      active: row.blob('active'),
      ranks: row.blob('ranks'),
      counts: row.blob('counts'),
    }),
  )
  const known = block ?? { levelCount: 0, runLevel: 0, tokenIds: new Uint32Array(0), tokens: [] }
  return { ...known, indices: new Map(Array.from(known.tokenIds, (id, i) => [id, i])) }
}
