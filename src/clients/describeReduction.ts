import type { Manifest } from '../../core/bundle/manifest.ts'
import { formatCount, formatPercent, formatShare } from '../ui/formatNumber.ts'

type Reduced = Pick<Manifest, 'modules' | 'precision' | 'pruned_by' | 'evaluation'>

const BITS = { f32: 32, f16: 16, i8: 8 } as const

/** Storage of the weights; arithmetic is in 32 bits either way. */
export function describePrecision({ target, v, u, ci }: Manifest['precision']): string {
  if (new Set([target, v, u, ci]).size === 1) return `stored in ${BITS[target]} bits, computed in 32`
  return `target model ${BITS[target]}, V ${BITS[v]}, U ${BITS[u]}, CI functions ${BITS[ci]} bits; computed in 32`
}

/** Which subcomponents the graphs do without, and why, in two sentences; null where they hold all. */
export function describeDropped(manifest: Reduced): string | null {
  const { pruned_by: prunedBy, modules } = manifest
  if (prunedBy === null) return null
  const total = modules.reduce((sum, { c }) => sum + c, 0)
  const dropped = countDropped(manifest)
  const { source, threshold, positions, stories } = prunedBy
  const corpus = stories === null ? `of the ${source}` : `of ${formatCount(stories)} stories`
  return (
    `${formatCount(dropped)} of ${formatCount(total)} subcomponents are left out of the graphs: ` +
    `none fired at CI\u00a0>\u00a0${threshold} in ${formatCount(positions)} positions ${corpus}. Addresses are unchanged.`
  )
}

/** How far dropping and rounding move the causal importances: max, mean, flips; null where it was not compared. */
export function describeCiError({ evaluation }: Reduced): string | null {
  if (evaluation === null || evaluation.ci_error === null) return null
  const { max, mean, flip_share: flips, dropped_firings: lost } = evaluation.ci_error
  const share = flips === 0 ? 'none' : `${formatPercent(flips)}\u00a0%`
  const parts = [
    `CI is off by ${formatShare(max)} at most and ${formatShare(mean)} on average`,
    `${share} of the firing decisions (CI\u00a0>\u00a0${evaluation.threshold}) flip`,
    ...(lost === 0 ? [] : [`${formatCount(lost)} firings of what is left out are lost`]),
  ]
  return parts.join('; ')
}

/** One line for a page that computes: what of the run it does without; null where the bundle is whole and in 32 bits. */
export function describeReduction(manifest: Reduced): string | null {
  const dropped = countDropped(manifest)
  const total = manifest.modules.reduce((sum, { c }) => sum + c, 0)
  const isReduced = Object.values(manifest.precision).some((precision) => precision !== 'f32')
  if (dropped === 0 && !isReduced) return null
  const parts = [
    ...(dropped === 0 ? [] : [`${formatCount(dropped)} of ${formatCount(total)} subcomponents are left out`]),
    ...(isReduced ? [`weights: ${describePrecision(manifest.precision)}`] : []),
  ]
  const error = describeCiError(manifest) ?? 'how far that moves CI was not measured'
  return `${capitalise(parts.join('; '))}. ${capitalise(error)}.`
}

function countDropped({ modules }: Reduced): number {
  return modules.reduce((sum, { c, kept }) => sum + (kept === null ? 0 : c - kept.count), 0)
}

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
