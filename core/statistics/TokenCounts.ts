/** The tokens a subcomponent is active on, ids ascending, each with its count m ≥ 1. */
export interface TokenCounts {
  readonly tokenIds: Uint32Array
  readonly counts: Uint32Array
}

/** One token of a subcomponent and the positions holding it where the subcomponent is active. */
export interface TokenCount {
  readonly tokenId: number
  readonly count: number
}

/** Activation count F: the sum of all counts. */
export function totalCount({ counts }: TokenCounts): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

/** The `limit` most frequent tokens, more firings first, then the lower id. */
export function topTokens({ tokenIds, counts }: TokenCounts, limit: number): TokenCount[] {
  const top: TokenCount[] = []
  for (let i = 0; i < counts.length; i++) {
    const entry = { tokenId: tokenIds[i] ?? 0, count: counts[i] ?? 0 }
    const last = top.at(-1)
    if (top.length === limit && last !== undefined && entry.count <= last.count) continue
    // Ids ascend, so an equal count stands behind those before it.
    const place = top.findIndex(({ count }) => count < entry.count)
    top.splice(place === -1 ? top.length : place, 0, entry)
    if (top.length > limit) top.pop()
  }
  return top
}
