import * as Plot from '@observablehq/plot'
import { formatAxisCount, formatMedian } from '../ui/formatNumber.ts'
import { moduleFrame, moduleLabels, rowY } from './moduleFrame.ts'
import { type ModuleRowInput, placeModuleRows } from './moduleRows.ts'

export interface MedianModule extends ModuleRowInput {
  /** Over active subcomponents; null where none is. */
  readonly medianUniqueTokens: number | null
}

/** Powers of ten from 1 to the first that covers `largest`. */
export function decades(largest: number): number[] {
  const last = Math.max(1, Math.ceil(Math.log10(largest)))
  return Array.from({ length: last + 1 }, (_, exponent) => 10 ** exponent)
}

/** Median unique tokens of each module's active subcomponents, on a log scale. */
export function drawMedians(modules: readonly MedianModule[], width: number): Element {
  const rows = placeModuleRows(modules)
  const dots = rows.rows.flatMap(({ module, middle }) =>
    module.medianUniqueTokens === null ? [] : [{ module, middle, median: module.medianUniqueTokens }],
  )
  const ticks = decades(Math.max(1, ...dots.map(({ median }) => median)))
  return Plot.plot({
    ...moduleFrame(width, 56, rows),
    x: { type: 'log', domain: [1, ticks.at(-1) ?? 10] },
    marks: [
      Plot.gridX(ticks, { stroke: 'var(--chart-grid)', strokeOpacity: 1 }),
      Plot.axisX(ticks, {
        tickSize: 4,
        tickFormat: formatAxisCount,
        label: 'median unique tokens (log scale)',
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 36,
      }),
      Plot.ruleY(dots, { x1: () => 1, x2: 'median', y: ({ middle }) => rowY(middle), stroke: 'var(--chart-grid)' }),
      Plot.dot(dots, {
        x: 'median',
        y: ({ middle }) => rowY(middle),
        r: 3.5,
        fill: 'var(--frequent)',
        title: ({ module, median }) => `${module.path}\nmedian ${median} unique tokens`,
      }),
      Plot.text(dots, {
        x: 'median',
        y: ({ middle }) => rowY(middle),
        dx: 8,
        textAnchor: 'start',
        text: ({ median }) => formatMedian(median),
        className: 'm s',
      }),
      ...moduleLabels(rows, 1),
    ],
  })
}
