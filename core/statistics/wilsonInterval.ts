/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054

/**
 * Wilson's 95 % interval for a share of `successes` in `trials`, [0, 1] at 0 trials.
 * It takes trials for independent, which positions of one story are not.
 */
export function wilsonInterval(successes: number, trials: number): { readonly low: number; readonly high: number } {
  if (trials === 0) return { low: 0, high: 1 }
  const share = successes / trials
  const denominator = 1 + Z ** 2 / trials
  const centre = (share + Z ** 2 / (2 * trials)) / denominator
  const half = (Z / denominator) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2))
  // Rounding must not lift the ends off 0 and 1, where the interval stands exactly.
  return { low: successes === 0 ? 0 : centre - half, high: successes === trials ? 1 : centre + half }
}
