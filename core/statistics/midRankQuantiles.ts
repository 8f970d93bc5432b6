/** Where each of `values` stands among all of them, 0 to 1: those below and half of those equal, itself among them, over all. */
export function midRankQuantiles(values: readonly number[]): number[] {
  return values.map((value) => {
    let below = 0
    let equal = 0
    for (const other of values) {
      if (other < value) below++
      else if (other === value) equal++
    }
    return (below + equal / 2) / values.length
  })
}
