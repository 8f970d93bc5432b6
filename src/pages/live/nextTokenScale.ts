/** The axis of probabilities starts no lower: what is rarer stands at its left end. */
const LEAST_START = 1e-6
/** Half of the diverging axis, in percent of its width. */
const HALF = 50

/** The power of ten at which a logarithmic axis of `probabilities` starts, between 10⁻⁶ and 0.001. */
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
