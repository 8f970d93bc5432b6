/** Token ids by how frequent they are: more occurrences first, then the lower id. Most numbers are small so. */
export function idsByFrequency(
  tokens: readonly { readonly tokenId: number; readonly occurrences: number }[],
): number[] {
  return tokens.toSorted((a, b) => b.occurrences - a.occurrences || a.tokenId - b.tokenId).map(({ tokenId }) => tokenId)
}

/** uint32[vocabulary]: the frequency rank of each token, from 0; those without a text, which are in no table, stand last. */
export function frequencyRanks(tokens: readonly (string | null)[], occurrences: ArrayLike<number>): Uint32Array {
  const ids = tokens.map((token, tokenId) => ({ token, tokenId, occurrences: occurrences[tokenId] ?? 0 }))
  const known = idsByFrequency(ids.filter(({ token }) => token !== null))
  const unknown = ids.flatMap(({ token, tokenId }) => (token === null ? [tokenId] : []))
  const ranks = new Uint32Array(tokens.length)
  for (const [rank, tokenId] of [...known, ...unknown].entries()) ranks[tokenId] = rank
  return ranks
}
