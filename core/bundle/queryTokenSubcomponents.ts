import { AtlasError } from '../errors/AtlasError.ts'
import { decodeAddressCounts } from './addressCountsBlob.ts'
import { type IndexDatabase, queryRows } from './IndexDatabase.ts'
import type { SubcomponentAddress } from './querySubcomponent.ts'
import { decodeVarints } from './varints.ts'

/** A subcomponent that a token activates at the run's threshold. */
export interface TokenSubcomponent extends SubcomponentAddress {
  /** m, positions holding the token where it is active. */
  readonly count: number
}

/** Every subcomponent that `tokenId` of a file of tokens activates, by address. */
export function queryTokenSubcomponents(tokens: IndexDatabase, tokenId: number): TokenSubcomponent[] {
  const sql = 'SELECT subcomponents FROM token_subcomponents WHERE token_id = ?'
  const [blob = new Uint8Array(0)] = queryRows(tokens, sql, [tokenId], (row) => row.blob('subcomponents'))
  return decodeAddressCounts(blob, `subcomponents of token ${tokenId}`)
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
  const sql = 'SELECT active FROM token_module WHERE token_id = ?'
  const [blob] = queryRows(tokens, sql, [tokenId], (row) => row.blob('active'))
  const place = `modules of token ${tokenId}`
  const numbers = blob === undefined ? new Uint32Array(moduleCount * levelCount) : decodeVarints(blob, place)
  if (numbers.length !== moduleCount * levelCount) {
    throw new AtlasError('bundle/corrupt', `${place}: ${numbers.length} numbers, expected ${moduleCount * levelCount}`)
  }
  return Array.from({ length: moduleCount }, (_, i) => [...numbers.subarray(i * levelCount, (i + 1) * levelCount)])
}
