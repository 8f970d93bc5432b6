import { invariant } from '../errors/invariant.ts'

/** Samples drawn: the standard error of a chance is at most 1/√(4 · 2,000), 0.011. */
const SAMPLES = 2000

/** Most firings drawn in a sample; beyond, the most frequent token hardly changes any more. */
const MAX_FIRINGS = 2 ** 13

/** Chances of every category, by firings. */
export interface TopCategoryChances {
  /**
   * Chance of each of K categories to hold the most frequent token (lower id on ties) of `firings` ≥ 1 firings drawn by
   * token frequency alone, at the next lower step: 1, 2, 3, 4, 6, 8, 12, 16, ... MAX_FIRINGS.
   */
  at(firings: number): Float64Array
}

/**
 * Draws SAMPLES sequences of tokens by their `occurrences` with random numbers of `random` (0 ≤ x < 1) and counts, at
 * every step, which category (0 ≤ k < K, of each token) its most frequent token so far is of.
 */
export function topCategoryChances(
  occurrences: ArrayLike<number>,
  categories: ArrayLike<number>,
  K: number,
  random: () => number,
): TopCategoryChances {
  const draw = createTokenDraw(occurrences, random)
  const steps = firingSteps()
  const counts = steps.map(() => new Float64Array(K))
  const seen = new Uint32Array(occurrences.length)
  for (let sample = 0; sample < SAMPLES; sample++) {
    seen.fill(0)
    let top = 0
    let step = 0
    for (let firings = 1; firings <= MAX_FIRINGS; firings++) {
      const token = draw()
      const count = (seen[token] ?? 0) + 1
      seen[token] = count
      const most = seen[top] ?? 0
      if (count > most || (count === most && token < top)) top = token
      if (firings !== steps[step]) continue
      const row = counts[step++]
      const category = categories[top] ?? 0
      if (row !== undefined) row[category] = (row[category] ?? 0) + 1
    }
  }
  const chances = counts.map((row) => row.map((count) => count / SAMPLES))
  return {
    at: (firings) => {
      invariant(firings >= 1, `chances at ${firings} firings`)
      return chances[steps.findLastIndex((step) => step <= firings)] ?? new Float64Array(K)
    },
  }
}

/** 1, 2, 3, 4, 6, 8, 12, ... MAX_FIRINGS. */
function firingSteps(): number[] {
  const steps = [1]
  for (let octave = 2; octave <= MAX_FIRINGS; octave *= 2) {
    steps.push(octave)
    if (octave < MAX_FIRINGS) steps.push(1.5 * octave)
  }
  return steps
}

/** A function that draws a token with the chance of its share of `occurrences`: Walker's aliases. */
function createTokenDraw(occurrences: ArrayLike<number>, random: () => number): () => number {
  const tokens = Array.from({ length: occurrences.length }, (_, token) => token).filter(
    (t) => (occurrences[t] ?? 0) > 0,
  )
  const total = tokens.reduce((sum, token) => sum + (occurrences[token] ?? 0), 0)
  invariant(total > 0, 'no token occurs')
  const size = tokens.length
  const own = Float64Array.from(tokens, (token) => ((occurrences[token] ?? 0) * size) / total)
  const alias = Uint32Array.from({ length: size }, (_, i) => i)
  const small = tokens.flatMap((_, i) => ((own[i] ?? 0) < 1 ? [i] : []))
  const large = tokens.flatMap((_, i) => ((own[i] ?? 0) < 1 ? [] : [i]))
  for (let s = small.pop(), l = large.pop(); s !== undefined && l !== undefined; s = small.pop(), l = large.pop()) {
    alias[s] = l
    own[l] = (own[l] ?? 0) + (own[s] ?? 0) - 1
    if ((own[l] ?? 0) < 1) small.push(l)
    else large.push(l)
  }
  return () => {
    const point = random() * size
    const i = Math.floor(point)
    return tokens[point - i < (own[i] ?? 0) ? i : (alias[i] ?? 0)] ?? 0
  }
}
