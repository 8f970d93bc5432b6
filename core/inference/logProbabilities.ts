import { invariant } from '../errors/invariant.ts'

/** Natural logarithms of the softmax of logits float32[T, vocabulary], per position; float64 inside and out. */
export function logProbabilities(logits: Float32Array, vocabularySize: number): Float64Array {
  const result = new Float64Array(logits.length)
  for (let start = 0; start < logits.length; start += vocabularySize) {
    const normaliser = logSumExp(logits, start, start + vocabularySize)
    for (let i = start; i < start + vocabularySize; i++) result[i] = (logits[i] ?? 0) - normaliser
  }
  return result
}

/**
 * KL(target ‖ other) in nats at each position, Σ p_target (ln p_target − ln p_other), of two logits
 * float32[T, vocabulary]. Never below 0: what rounding makes of equal distributions is 0.
 */
export function klDivergence(target: Float32Array, other: Float32Array, vocabularySize: number): Float64Array {
  invariant(target.length === other.length, `KL of ${target.length} and ${other.length} logits`)
  const divergences = new Float64Array(target.length / vocabularySize)
  for (const [position] of divergences.entries()) {
    const start = position * vocabularySize
    divergences[position] = divergenceAt(target, other, start, start + vocabularySize)
  }
  return divergences
}

function divergenceAt(target: Float32Array, other: Float32Array, start: number, end: number): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = start; i < end; i++) largest = Math.max(largest, target[i] ?? 0)
  // Σ e^x and Σ e^x (x − y) of the logits x and y; the mean of x − y less the difference of both normalisers is the divergence.
  let total = 0
  let weighted = 0
  for (let i = start; i < end; i++) {
    const logit = target[i] ?? 0
    const weight = Math.exp(logit - largest)
    total += weight
    weighted += weight * (logit - (other[i] ?? 0))
  }
  const divergence = weighted / total - (largest + Math.log(total)) + logSumExp(other, start, end)
  return Math.max(0, divergence)
}

/** ln Σ e^x over start ≤ i < end, the largest taken out first. */
function logSumExp(logits: Float32Array, start: number, end: number): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = start; i < end; i++) largest = Math.max(largest, logits[i] ?? 0)
  let sum = 0
  for (let i = start; i < end; i++) sum += Math.exp((logits[i] ?? 0) - largest)
  return largest + Math.log(sum)
}
