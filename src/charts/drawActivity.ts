import * as Plot from '@observablehq/plot'
import { formatPercent } from '../ui/formatNumber.ts'
import { HATCH_FILL } from './hatch.ts'
import { moduleFrame, moduleLabels, percentAxis, rowY } from './moduleFrame.ts'
import { type ModuleRowInput, placeModuleRows } from './moduleRows.ts'

export interface ActivityModule extends ModuleRowInput {
  /** Number of subcomponents. */
  readonly c: number
  readonly dead: number
  readonly rare: number
  readonly frequent: number
}

export type ActivityBand = 'frequent' | 'rare' | 'dead'

const BANDS: readonly { readonly band: ActivityBand; readonly fill: string }[] = [
  { band: 'frequent', fill: 'var(--frequent)' },
  { band: 'rare', fill: 'var(--rare)' },
  { band: 'dead', fill: HATCH_FILL },
]

/** Room for the share of active subcomponents right of the bars. */
const PERCENT_WIDTH = 44

/** Shares of frequent, rare and dead subcomponents, a row a module; a bar leads to `hrefOf` its module and band. */
export function drawActivity(
  modules: readonly ActivityModule[],
  width: number,
  hrefOf: (module: ActivityModule, band: ActivityBand) => string,
): Element {
  const rows = placeModuleRows(modules)
  const bars = rows.rows.flatMap(({ module, top, bottom }) => {
    let end = 0
    return BANDS.map(({ band, fill }) => {
      const start = end
      end += (100 * module[band]) / module.c
      return { module, band, fill, top, bottom, start, end }
    }).filter((bar) => bar.end > bar.start)
  })
  return Plot.plot({
    ...moduleFrame(width, PERCENT_WIDTH, rows),
    x: { domain: [0, 100] },
    marks: [
      ...percentAxis('share of the module’s subcomponents (%)'),
      Plot.rect(bars, {
        x1: 'start',
        x2: 'end',
        y1: ({ top }) => rowY(top),
        y2: ({ bottom }) => rowY(bottom),
        fill: 'fill',
        href: ({ module, band }) => hrefOf(module, band),
        title: ({ module, band }) =>
          `${module.path}\n${module[band]} of ${module.c} ${band}, ${formatPercent(module[band] / module.c)} %`,
      }),
      ...moduleLabels(rows, 0),
      Plot.text(rows.rows, {
        x: () => 100,
        y: ({ middle }) => rowY(middle),
        dx: PERCENT_WIDTH - 2,
        text: ({ module }) => ((100 * (module.c - module.dead)) / module.c).toFixed(1),
        textAnchor: 'end',
        className: 'm s',
      }),
      Plot.text(['active %'], {
        x: () => 100,
        y: () => rowY(-10),
        dx: PERCENT_WIDTH - 2,
        textAnchor: 'end',
        className: 'd',
      }),
    ],
  })
}
