/** Interquartile ranges above the upper quartile from which on a value is far from the others: Tukey's "far out". */
const FAR_RANGES = 3
/** Of fewer values no quartiles are taken. */
const LEAST_VALUES = 8

/**
 * The value above which one of a run's modules is far from the others: the upper quartile plus three interquartile
 * ranges, quartiles linear between neighbours. null of fewer than eight values.
 */
export function farAbove(values: readonly number[]): number | null {
  if (values.length < LEAST_VALUES) return null
  const ascending = values.toSorted((a, b) => a - b)
  const [lower, upper] = [quantile(ascending, 0.25), quantile(ascending, 0.75)]
  return upper + FAR_RANGES * (upper - lower)
}

function quantile(ascending: readonly number[], share: number): number {
  const place = share * (ascending.length - 1)
  const below = Math.floor(place)
  const low = ascending[below] ?? 0
  return low + (place - below) * ((ascending[below + 1] ?? low) - low)
}
