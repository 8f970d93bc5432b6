/** The spd package adds most counts up in float32, which holds every whole number up to 2²⁴. */
const EXACT_COUNT = 2 ** 24
/** Beyond, each addition rounds, and the sum may stray by some part of itself. */
const INEXACT_SHARE = 2 ** -10

/** Most that `count` may be off if it is a sum in float32: nothing up to 2²⁴. */
export function countSlack(count: number): number {
  return count <= EXACT_COUNT ? 0 : count * INEXACT_SHARE
}

/**
 * Share by which a sum of products may be off: the package multiplies under autocast, whose products of each batch are
 * rounded to bfloat16, to one part in 512, and then added up.
 */
const PRODUCT_SHARE = 2 ** -8

/** Most that `sum` may be off if it is a sum of products in bfloat16, as counts of pairs and probabilities are. */
export function productSlack(sum: number): number {
  return sum * PRODUCT_SHARE
}

/** Most that a mean of numbers up to 1 may be off if it is a sum in float32, divided. */
export function meanSlack(mean: number): number {
  return mean * INEXACT_SHARE
}
