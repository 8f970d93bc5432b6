/** Tokens that are rarer both before and after are not worth a row. */
export const LEAST_PROBABILITY = 1e-3
/** Rows there are at least. */
const LEAST_ROWS = 3

/** The `tokens` worth a row, in their order: those of LEAST_PROBABILITY or more, and the likeliest three anyway. */
export function worthRows<T>(tokens: readonly T[], probabilityOf: (token: T) => number): readonly T[] {
  const ordered = tokens.toSorted((a, b) => probabilityOf(b) - probabilityOf(a))
  const kept = new Set(ordered.filter((token, i) => i < LEAST_ROWS || probabilityOf(token) >= LEAST_PROBABILITY))
  return tokens.filter((token) => kept.has(token))
}

/** The axis of probabilities starts no lower: what is rarer stands at its left end. */
const LEAST_START = 1e-4
/** Half of the diverging axis, in percent of its width. */
const HALF = 50

/** The power of ten at which a logarithmic axis of `probabilities` starts, 0.0001 or 0.001. */
export function axisStart(probabilities: readonly number[]): number {
  const least = Math.min(1e-3, ...probabilities)
  const power = Math.floor(Math.log10(Math.max(least, LEAST_START)) + 1e-9)
  return Number(`1e${power}`)
}

/** Place of a probability on a logarithmic axis from `start` to 1, in percent of its width. */
export function placeProbability(probability: number, start: number): number {
  const place = 1 - Math.log(probability) / Math.log(start)
  return 100 * Math.min(1, Math.max(0, place))
}

/** A bar from the middle of an axis of changes up to `widest` either way, in percent of its width. */
export function placeChange(change: number, widest: number): { readonly left: number; readonly width: number } {
  const width = widest === 0 ? 0 : (HALF * Math.abs(change)) / widest
  return { left: change < 0 ? HALF - width : HALF, width }
}
