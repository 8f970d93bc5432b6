/** Most of a batch's rows that may be padding. */
const MAX_PADDING = 1 / 8

/**
 * Batches of the stories of `lengths`, as indices of it: longest first, the lower index on ties, taken in that order as
 * long as a batch [B, T] has at most `maxRows` rows (a longer story is a batch of its own) and an eighth of padding.
 * It depends on `lengths` and `maxRows` alone.
 */
export function composeBatches(lengths: ArrayLike<number>, maxRows: number): number[][] {
  const order = Array.from({ length: lengths.length }, (_, i) => i)
  const lengthOf = (i: number): number => lengths[i] ?? 0
  order.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b)
  const batches: number[][] = []
  let batch: number[] = []
  let T = 0
  let positions = 0
  for (const i of order) {
    const rows = (batch.length + 1) * T
    const fits = rows <= maxRows && rows - positions - lengthOf(i) <= rows * MAX_PADDING
    if (batch.length === 0 || !fits) {
      batch = []
      batches.push(batch)
      T = lengthOf(i)
      positions = 0
    }
    batch.push(i)
    positions += lengthOf(i)
  }
  return batches
}
