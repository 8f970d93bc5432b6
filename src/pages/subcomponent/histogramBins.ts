import type { SubcomponentHistograms } from '../../../core/bundle/queryHistograms.ts'
import { ACTIVATION_BINS, activationBinEdges } from '../../../core/statistics/activationBin.ts'
import type { HistogramAxis, HistogramBin } from '../../charts/drawHistogram.ts'
import { formatPercent, formatReal } from '../../ui/formatNumber.ts'

/** A histogram ready to be drawn, with what it shows. */
export interface HistogramDrawing {
  readonly finding: string
  readonly bins: readonly HistogramBin[]
  readonly axis: HistogramAxis
  /** Counts of firings, a bin each, and of the sampled positions where the drawing has them. */
  readonly counts: readonly {
    readonly from: number
    readonly to: number
    readonly firings: number
    readonly sampled: number | null
  }[]
}

const percent = (share: number): string => `${formatPercent(share)}\u00a0%`

/** Causal importance over the firings. */
export function ciDrawing({ ci }: SubcomponentHistograms): HistogramDrawing {
  const total = sum(ci)
  const steps = ci.length
  const shareOf = (count: number): number => (total === 0 ? 0 : count / total)
  const bins = Array.from(ci, (count, i) => {
    const [left, right] = [i / steps, (i + 1) / steps]
    const range = `CI ${left.toFixed(2)} to ${right.toFixed(2)}${i === steps - 1 ? ' and more' : ''}`
    return { left, right, share: shareOf(count), reference: null, description: `${range}: ${percent(shareOf(count))}` }
  })
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: String(at) }))
  return {
    finding: ciFinding(shareOf(ci.at(-1) ?? 0)),
    bins,
    axis: { label: 'causal importance', ticks },
    counts: Array.from(ci, (firings, i) => ({ from: i / steps, to: (i + 1) / steps, firings, sampled: null })),
  }
}

/** Inner activation over the firings, beside all sampled positions; bins are half octaves and drawn equally wide. */
export function activationDrawing({ activation, sampledActivation }: SubcomponentHistograms): HistogramDrawing {
  const [firings, positions] = [sum(activation), sum(sampledActivation)]
  const occupied = Array.from({ length: ACTIVATION_BINS }, (_, bin) => bin).filter(
    (bin) => (activation[bin] ?? 0) + (sampledActivation[bin] ?? 0) > 0,
  )
  const [first = 0, last = ACTIVATION_BINS - 1] = [occupied[0], occupied.at(-1)]
  const shown = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const shareOf = (count: number | undefined, total: number): number => (total === 0 ? 0 : (count ?? 0) / total)
  const bins = shown.map((bin) => {
    const { from, to } = activationBinEdges(bin)
    const share = shareOf(activation[bin], firings)
    const reference = positions === 0 ? null : shareOf(sampledActivation[bin], positions)
    const beside = reference === null ? '' : `, ${percent(reference)} of the sampled positions`
    const description = `${formatEdge(from)} to ${formatEdge(to)}: ${percent(share)} of the firings${beside}`
    return { left: bin, right: bin + 1, share, reference, description }
  })
  const positive = sum(activation.subarray(ACTIVATION_BINS / 2))
  return {
    finding: signFinding(firings === 0 ? 0 : positive / firings),
    bins,
    axis: { label: 'inner activation (half octaves)', ticks: activationTicks(first, last + 1) },
    counts: shown.map((bin) => ({
      ...activationBinEdges(bin),
      firings: activation[bin] ?? 0,
      sampled: positions === 0 ? null : (sampledActivation[bin] ?? 0),
    })),
  }
}

/** Its share of firings at or near 1, where a mask leaves a subcomponent whole. */
function ciFinding(wholeShare: number): string {
  if (wholeShare === 0) return 'CI stays below 0.95 at all of its firings'
  if (wholeShare === 1) return 'CI is 0.95 or more at all of its firings'
  return `CI is 0.95 or more at ${percent(wholeShare)} of its firings`
}

function signFinding(positiveShare: number): string {
  if (positiveShare === 1) return 'It fires at positive inner activations alone'
  if (positiveShare === 0) return 'It fires at negative inner activations alone'
  const [sign, share] = positiveShare >= 0.5 ? ['positive', positiveShare] : ['negative', 1 - positiveShare]
  return `Its inner activation is ${sign} at ${percent(Number(share))} of its firings`
}

/** Powers of 16 on either side, and 0, at the edges of bins from `first` to `end`. */
function activationTicks(first: number, end: number): HistogramAxis['ticks'] {
  const middle = ACTIVATION_BINS / 2
  const edges = [-1, 0, 1].flatMap((power) => {
    // 2 half octaves an octave, the first from 2⁻⁸; 16 is 4 octaves.
    const step = 2 * (4 * power + 8)
    const value = 16 ** power
    return [
      { at: middle - step, label: formatEdge(-value) },
      { at: middle + step, label: formatEdge(value) },
    ]
  })
  return [...edges, { at: middle, label: '0' }]
    .filter(({ at }) => at >= first && at <= end)
    .toSorted((a, b) => a.at - b.at)
}

/** An edge of a bin: a dyadic number, written short. */
function formatEdge(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '\u2212∞'
  if (Number.isInteger(value)) return String(value).replace('-', '\u2212')
  return Math.abs(value) >= 0.1 ? formatReal(value) : value.toPrecision(2).replace('-', '\u2212')
}

const sum = (numbers: Uint32Array): number => numbers.reduce((total, number) => total + number, 0)
