import { AtlasError } from '../errors/AtlasError.ts'
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
  const place = `subcomponents of token ${tokenId}`
  const sql = 'SELECT subcomponents FROM token_subcomponents WHERE token_id = ?'
  const [blob = new Uint8Array(0)] = queryRows(tokens, sql, [tokenId], (row) => row.blob('subcomponents'))
  const numbers = decodeVarints(blob, place)
  const found: TokenSubcomponent[] = []
  for (let at = 0; at < numbers.length; ) {
    const moduleId = numbers[at] ?? 0
    const length = numbers[at + 1] ?? 0
    const end = at + 2 + 2 * length
    if (length === 0 || end > numbers.length) throw new AtlasError('bundle/corrupt', `${place}: cut off`)
    let subcomponent = -1
    for (let i = at + 2; i < at + 2 + length; i++) {
      subcomponent += (numbers[i] ?? 0) + 1
      found.push({ moduleId, subcomponent, count: (numbers[i + length] ?? 0) + 1 })
    }
    at = end
  }
  return found
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
