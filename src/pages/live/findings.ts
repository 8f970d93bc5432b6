import type { AblationEffect, BackendStatus, ObservedPosition } from '../../../workers/contracts/ModelApi.ts'
import { isMlpPath, type ModuleRowInput } from '../../charts/moduleRows.ts'
import { formatCount, formatNats, formatProbability, formatShare } from '../../ui/formatNumber.ts'

/** A sentence in which tokens stand as the tokenizer writes them. */
export type Finding = readonly (string | { readonly token: string })[]

/** A finding as plain text, for files and for readers of screens. */
export function plainFinding(finding: Finding): string {
  return finding.map((part) => (typeof part === 'string' ? part : quote(part.token))).join('')
}

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
  const first = `${capitalise(most[0])} has ${formatMean(most[1])} active subcomponents a token`
  return ordered.length === 1 ? first : `${first}, ${least[0]} ${formatMean(least[1])}`
}

/** A mean number of subcomponents: whole from 10 on. */
const formatMean = (mean: number): string => (mean >= 10 ? formatCount(Math.round(mean)) : formatShare(mean))
const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What the model expects after a token. */
export function predictionFinding({ token, predictions }: ObservedPosition): Finding {
  const [best] = predictions
  if (best === undefined) return ['After ', { token }]
  return ['After ', { token }, ' comes ', named(best), `, probability ${formatProbability(best.probability)}`]
}

/** Changes of probability smaller than this are told as none. */
const SMALLEST_CHANGE = 0.0005

/** What next token loses or gains most when `ablated` is taken away. */
export function ablationFinding(ablated: string, { token, predictions, kl, position }: AblationEffect): Finding {
  const changes = predictions.map(({ before, after }) => Math.abs(after - before))
  const largest = predictions[changes.indexOf(Math.max(...changes))]
  if (largest === undefined || Math.max(...changes) < SMALLEST_CHANGE) {
    return [
      `Without ${ablated} hardly anything changes after `,
      { token },
      `: KL ${formatEffect(kl[position] ?? 0)} nats`,
    ]
  }
  const { before, after } = largest
  const verb = after < before ? 'falls' : 'rises'
  const change = ` ${verb} from ${formatProbability(before)} to ${formatProbability(after)}`
  return [`Without ${ablated}, `, named(largest), ' after ', { token }, change]
}

/** A row of an embedding that the tokenizer has no token for is named by its number. */
const named = ({ token, tokenId }: { readonly token: string | null; readonly tokenId: number }) => ({
  token: token ?? `#${tokenId}`,
})

/** Nats, 3 decimals; what would read 0.000 keeps its size. */
export const formatEffect = (nats: number): string => (nats < 0.0005 ? formatShare(nats) : formatNats(nats))

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
