/** Whole numbers 0 ≤ n < limit, the same for a seed every time (xorshift). */
export function createRandomStream(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}
