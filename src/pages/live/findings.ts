import type { AblationEffect, BackendStatus, ObservedPosition } from '../../../workers/contracts/ModelApi.ts'
import { isMlpPath, type ModuleRowInput } from '../../charts/moduleRows.ts'
import { formatNats, formatProbability, formatShare } from '../../ui/formatNumber.ts'

/** Where most and where fewest subcomponents are active at a token, on average over the story's. */
export function busiestFinding(modules: readonly ModuleRowInput[], counts: Uint16Array, T: number): string {
  const totals = new Map<string, number>()
  for (const [m, { path, layer }] of modules.entries()) {
    const name = layer === null ? path : `layer ${layer} ${isMlpPath(path) ? 'MLP' : 'attention'}`
    const sum = counts.subarray(m * T, (m + 1) * T).reduce((total, count) => total + count, 0)
    totals.set(name, (totals.get(name) ?? 0) + sum / T)
  }
  const ordered = [...totals].sort(([, a], [, b]) => b - a)
  const [most, least] = [ordered[0], ordered.at(-1)]
  if (most === undefined || least === undefined) return 'No module is decomposed'
  if (most[1] === 0) return 'No subcomponent is active in this story'
  const first = `${formatShare(most[1])} subcomponents of ${most[0]} are active at a token`
  return ordered.length === 1 ? first : `${first}, ${formatShare(least[1])} of ${least[0]}`
}

/** What the model expects after a token. */
export function predictionFinding({ token, predictions }: ObservedPosition): string {
  const [best] = predictions
  if (best === undefined) return `After ${quote(token)}`
  return `After ${quote(token)}, ${quote(best.token ?? `#${best.tokenId}`)} is likeliest: ${formatProbability(best.probability)}`
}

/** Changes of probability smaller than this are told as none. */
const SMALLEST_CHANGE = 0.0005

/** What next token loses or gains most when `ablated` is taken away. */
export function ablationFinding(ablated: string, { token, predictions, kl, position }: AblationEffect): string {
  const changes = predictions.map(({ before, after }) => Math.abs(after - before))
  const largest = predictions[changes.indexOf(Math.max(...changes))]
  if (largest === undefined || Math.max(...changes) < SMALLEST_CHANGE) {
    return `Without ${ablated}, the next token after ${quote(token)} hardly changes: ${formatNats(kl[position] ?? 0)} nats`
  }
  const { before, after } = largest
  const verb = after < before ? 'falls' : 'rises'
  const name = quote(largest.token ?? `#${largest.tokenId}`)
  return `Without ${ablated}, ${name} after ${quote(token)} ${verb} from ${formatProbability(before)} to ${formatProbability(after)}`
}

/** A token in running text. */
export const quote = (token: string): string => `“${token}”`

/** One or two addresses by name, more by number. */
export function nameAblated(addresses: readonly string[]): string {
  return addresses.length <= 2 ? addresses.join(' and ') : `${addresses.length} subcomponents`
}

/** "WASM, 2 threads", and why not WebGPU. */
export function describeBackend({ name, threads, fallbackReason }: BackendStatus): string {
  const backend = name === 'webgpu' ? 'WebGPU' : `WASM, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  return fallbackReason === null ? backend : `${backend} (${fallbackReason})`
}
