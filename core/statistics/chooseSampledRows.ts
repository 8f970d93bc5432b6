/**
 * Rows of a sample, ascending, whose pairs of active subcomponents are counted: the first by hash (then by place) until
 * the sum of their squared L0 reaches `budget`; always one at least.
 */
export function chooseSampledRows(hashes: ArrayLike<number>, l0s: ArrayLike<number>, budget: number): Uint32Array {
  const order = Uint32Array.from({ length: hashes.length }, (_, row) => row)
  order.sort((a, b) => (hashes[a] ?? 0) - (hashes[b] ?? 0) || a - b)
  let work = 0
  let end = 0
  for (; end < order.length; end++) {
    work += (l0s[order[end] ?? 0] ?? 0) ** 2
    if (work > budget && end > 0) break
  }
  return order.slice(0, end).sort()
}
