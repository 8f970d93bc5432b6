/** Thresholds at which every count is kept, beside the run's own. */
export const THRESHOLD_GRID = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9] as const

/** The grid with `threshold` in it, ascending. */
export function levelsWith(threshold: number): number[] {
  return [...new Set([...THRESHOLD_GRID, threshold])].sort((a, b) => a - b)
}

/** Number of `levels` (ascending) that `ci` strictly exceeds: the subcomponent is active at level g where the bin is > g. */
export function binOf(ci: number, levels: readonly number[]): number {
  let bin = 0
  while (bin < levels.length && ci > (levels[bin] ?? Number.POSITIVE_INFINITY)) bin++
  return bin
}
