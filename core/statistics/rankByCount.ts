/**
 * Indices of the positive `counts`, greatest count first, the lower index on ties; the first of them has rank 1.
 * Zero counts have no rank.
 */
export function rankByCount(counts: ArrayLike<number>): number[] {
  const indices: number[] = []
  for (let index = 0; index < counts.length; index++) if (countAt(counts, index) > 0) indices.push(index)
  return indices.sort((a, b) => countAt(counts, b) - countAt(counts, a) || a - b)
}

function countAt(counts: ArrayLike<number>, index: number): number {
  return counts[index] ?? 0
}
