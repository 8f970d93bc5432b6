/** Steps of causal importance between 0 and 1 that a byte holds. */
const STEPS = 254

/** Causal importance in a byte: 0 where not active (`ci` ≤ `threshold`), else 1 + round(254 min(ci, 1)). */
export function ciByte(ci: number, threshold: number): number {
  return ci > threshold ? 1 + Math.round(STEPS * Math.min(ci, 1)) : 0
}

/** Causal importance a byte stands for, within 1/508 of the one it was made of; 0 where not active. */
export function ciOfByte(byte: number): number {
  return byte === 0 ? 0 : (byte - 1) / STEPS
}
