import { logProbabilities } from '../../core/inference/logProbabilities.ts'
import { topTokens } from '../../core/inference/topTokens.ts'
import type { ChangedPrediction, Prediction } from '../contracts/ModelApi.ts'
import type { ModelHead } from './fetchModel.ts'

/** The `count` likeliest next tokens at `position` of logits float32[T, vocabulary], likeliest first. */
export function predictNext(head: ModelHead, logits: Float32Array, position: number, count: number): Prediction[] {
  return topTokens(logProbabilitiesAt(head, logits, position), count).map(({ tokenId, logProbability }) => ({
    tokenId,
    token: head.tokenizer.tokenOf(tokenId),
    probability: Math.exp(logProbability),
  }))
}

/** The `count` likeliest next tokens before and the `count` likeliest after, each once, likeliest before first. */
export function compareNextTokens(
  head: ModelHead,
  before: Float32Array,
  after: Float32Array,
  position: number,
  count: number,
): ChangedPrediction[] {
  const logBefore = logProbabilitiesAt(head, before, position)
  const logAfter = logProbabilitiesAt(head, after, position)
  const ids = new Set([...topTokens(logBefore, count), ...topTokens(logAfter, count)].map(({ tokenId }) => tokenId))
  return [...ids]
    .map((tokenId) => ({
      tokenId,
      token: head.tokenizer.tokenOf(tokenId),
      before: Math.exp(logBefore[tokenId] ?? 0),
      after: Math.exp(logAfter[tokenId] ?? 0),
      logChange: (logAfter[tokenId] ?? 0) - (logBefore[tokenId] ?? 0),
    }))
    .sort((a, b) => b.before - a.before || a.tokenId - b.tokenId)
}

/** −ln p of the token after `position`, in nats; null at the last one. */
export function nextTokenLoss(
  head: ModelHead,
  logits: Float32Array,
  ids: readonly number[],
  position: number,
): number | null {
  const next = ids[position + 1]
  if (next === undefined) return null
  return -(logProbabilitiesAt(head, logits, position)[next] ?? 0)
}

function logProbabilitiesAt({ manifest }: ModelHead, logits: Float32Array, position: number): Float64Array {
  const width = manifest.target_model.vocabulary_size
  return logProbabilities(logits.subarray(position * width, (position + 1) * width), width)
}
