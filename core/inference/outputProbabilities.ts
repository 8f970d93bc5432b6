import { AtlasError } from '../errors/AtlasError.ts'
import {
  MIN_OUTPUT_PROBABILITY,
  OUTPUT_PROBABILITY_UNIT,
  type SampledPositions,
} from '../statistics/SampledPositions.ts'

/** Next-token probabilities of `rowCount` rows of logits float32[rows, vocabulary] that are large enough to be kept. */
export function outputProbabilities(
  logits: Float32Array,
  rowCount: number,
  vocabularySize: number,
): SampledPositions['outputs'] {
  const starts = new Uint32Array(rowCount + 1)
  const tokenIds: number[] = []
  const probabilities: number[] = []
  const weights = new Float64Array(vocabularySize)
  for (let row = 0; row < rowCount; row++) {
    const total = softmaxWeights(logits, row * vocabularySize, weights)
    if (!(total >= 1)) throw new AtlasError('model/failed', `logits: not finite at sampled row ${row}`)
    const least = MIN_OUTPUT_PROBABILITY * total
    for (let token = 0; token < vocabularySize; token++) {
      const weight = weights[token] ?? 0
      if (weight < least) continue
      tokenIds.push(token)
      probabilities.push(Math.round(weight / total / OUTPUT_PROBABILITY_UNIT))
    }
    starts[row + 1] = tokenIds.length
  }
  return { starts, tokenIds: Uint32Array.from(tokenIds), probabilities: Uint32Array.from(probabilities) }
}

/** Fills `weights` with e^(x − largest x) of the logits from `start` on; returns their sum, at least 1 where all are finite. */
function softmaxWeights(logits: Float32Array, start: number, weights: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = start; i < start + weights.length; i++) {
    const logit = logits[i] ?? Number.NaN
    if (logit > largest) largest = logit
  }
  let total = 0
  for (let i = 0; i < weights.length; i++) {
    const weight = Math.exp((logits[start + i] ?? 0) - largest)
    weights[i] = weight
    total += weight
  }
  return total
}
