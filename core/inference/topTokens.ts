export interface RankedToken {
  readonly tokenId: number
  /** Natural logarithm, nats. */
  readonly logProbability: number
}

/** The `count` most probable tokens of one position's log-probabilities, most probable first, the lower id first on ties. */
export function topTokens(logProbabilities: Float64Array, count: number): RankedToken[] {
  const best: RankedToken[] = []
  for (const [tokenId, logProbability] of logProbabilities.entries()) {
    const last = best.at(-1)
    if (best.length === count && (last === undefined || logProbability <= last.logProbability)) continue
    const later = best.findIndex((token) => token.logProbability < logProbability)
    best.splice(later === -1 ? best.length : later, 0, { tokenId, logProbability })
    if (best.length > count) best.pop()
  }
  return best
}
