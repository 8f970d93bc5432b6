import * as Plot from '@observablehq/plot'

/** One bin of a histogram, drawn from `left` to `right` of the axis. */
export interface HistogramBin {
  readonly left: number
  readonly right: number
  /** Share of what the bars count, 0 to 1. */
  readonly share: number
  /** Share of what the line counts beside it; null without a line. */
  readonly reference: number | null
  /** For the tip. */
  readonly description: string
}

export interface HistogramAxis {
  readonly label: string
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
}

const HEIGHT = 206

/** Bars of shares in percent over an axis whose ticks are given, and a stepped line of a reference where there is one. */
export function drawHistogram(bins: readonly HistogramBin[], axis: HistogramAxis, width: number): Element {
  const labels = new Map(axis.ticks.map(({ at, label }) => [at, label]))
  const [start, end] = [bins[0]?.left ?? 0, bins.at(-1)?.right ?? 1]
  const most = Math.max(0.01, ...bins.flatMap(({ share, reference }) => [share, reference ?? 0]))
  const line = bins.flatMap(({ left, right, reference }) =>
    reference === null
      ? []
      : [
          { x: left, y: 100 * reference },
          { x: right, y: 100 * reference },
        ],
  )
  return Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: 44,
    marginRight: 12,
    marginTop: 28,
    marginBottom: 44,
    x: { type: 'linear', domain: [start, end] },
    y: { type: 'linear', domain: [0, 100 * most], nice: true },
    style: { background: 'none', overflow: 'visible' },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--chart-grid)', strokeOpacity: 1 }),
      Plot.axisX(
        axis.ticks.map(({ at }) => at),
        {
          tickSize: 4,
          tickFormat: (at: number) => labels.get(at) ?? '',
          label: axis.label,
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 36,
        },
      ),
      Plot.axisY({
        ticks: 4,
        tickSize: 0,
        label: 'share (%)',
        labelArrow: 'none',
        labelAnchor: 'top',
        labelOffset: 40,
      }),
      Plot.rectY(bins, {
        x1: 'left',
        x2: 'right',
        y: ({ share }: HistogramBin) => 100 * share,
        insetLeft: 0.5,
        insetRight: 0.5,
        fill: 'var(--frequent)',
        title: 'description',
      }),
      ...(line.length === 0 ? [] : [Plot.line(line, { x: 'x', y: 'y', stroke: 'var(--accent)', strokeWidth: 1.5 })]),
      Plot.ruleY([0], { stroke: 'var(--chart-axis)' }),
    ],
  })
}

export const HISTOGRAM_HEIGHT = HEIGHT
