import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import type { TokenCounts } from '../statistics/TokenCounts.ts'
import { decodeVarints, encodeVarints } from './varints.ts'

/**
 * Token counts as varints: first every token id, as its distance from the one before it (the first from −1), less one,
 * then every count, less one. Ids stand apart from counts since gzip finds more in each alone.
 */
export function encodeTokenCounts({ tokenIds, counts }: TokenCounts): Uint8Array {
  invariant(tokenIds.length === counts.length, `${tokenIds.length} token ids with ${counts.length} counts`)
  const numbers = new Uint32Array(2 * counts.length)
  let before = -1
  for (const [i, tokenId] of tokenIds.entries()) {
    const count = counts[i] ?? 0
    invariant(tokenId > before && count > 0, `token ${tokenId} after ${before} with count ${count}`)
    numbers[i] = tokenId - before - 1
    numbers[counts.length + i] = count - 1
    before = tokenId
  }
  return encodeVarints(numbers)
}

/** The counts of a blob of `encodeTokenCounts`; `place` names it in messages. */
export function decodeTokenCounts(blob: Uint8Array, place: string): TokenCounts {
  const numbers = decodeVarints(blob, place)
  if (numbers.length % 2 === 1) {
    throw new AtlasError('bundle/corrupt', `${place}: ${numbers.length} numbers, expected as many ids as counts`)
  }
  const length = numbers.length / 2
  let before = -1
  const tokenIds = numbers.slice(0, length).map((distance) => {
    before += distance + 1
    return before
  })
  return { tokenIds, counts: numbers.slice(length).map((less) => less + 1) }
}
