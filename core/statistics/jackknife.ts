/**
 * Standard error of a statistic by the jackknife over B blocks, √((B − 1)/B · Σ (θ_b − mean θ)²), from its values θ_b
 * with one block left out each; null where one of them is.
 */
export function jackknifeError(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  const B = known.length
  const [first] = known
  if (B < values.length || first === undefined) return null
  // From the first on, so that equal values have no error at all.
  const mean = known.reduce((sum, value) => sum + (value - first), 0) / B
  const squares = known.reduce((sum, value) => sum + (value - first - mean) ** 2, 0)
  return Math.sqrt(((B - 1) / B) * squares)
}
