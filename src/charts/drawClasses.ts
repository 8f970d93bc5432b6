import * as Plot from '@observablehq/plot'
import { SPECIALISATION_CLASSES, type SpecialisationClass } from '../../core/statistics/subcomponentClass.ts'
import { CLASS_LABELS, classStep } from '../ui/ClassGlyph.tsx'
import { formatPercent } from '../ui/formatNumber.ts'
import { moduleFrame, moduleLabels, percentAxis, rowY } from './moduleFrame.ts'
import { type ModuleRowInput, placeModuleRows } from './moduleRows.ts'

export interface ClassModule extends ModuleRowInput {
  readonly active: number
  readonly classCounts: Readonly<Record<SpecialisationClass, number>>
}

interface ClassBar {
  readonly module: ClassModule
  readonly name: SpecialisationClass
  readonly top: number
  readonly bottom: number
  /** In percents. */
  readonly start: number
  readonly end: number
}

/** Shares of a module's active subcomponents by specialisation class; a bar leads to `hrefOf` its module and class. */
export function drawClasses(
  modules: readonly ClassModule[],
  width: number,
  hrefOf: (module: ClassModule, name: SpecialisationClass) => string,
): Element {
  const rows = placeModuleRows(modules)
  const bars: readonly ClassBar[] = rows.rows.flatMap(({ module, top, bottom }) => {
    let end = 0
    return SPECIALISATION_CLASSES.map(({ name }) => {
      const start = end
      end += module.active === 0 ? 0 : (100 * module.classCounts[name]) / module.active
      return { module, name, top, bottom, start, end }
    }).filter((bar) => bar.end > bar.start)
  })
  return Plot.plot({
    ...moduleFrame(width, 16, rows),
    x: { domain: [0, 100] },
    marks: [
      ...percentAxis('share of active subcomponents (%)'),
      Plot.rect(bars, {
        x1: 'start',
        x2: 'end',
        y1: ({ top }) => rowY(top),
        y2: ({ bottom }) => rowY(bottom),
        insetRight: 0.5,
        insetLeft: 0.5,
        fill: ({ name }) => `var(--class-${classStep(name)})`,
        href: ({ module, name }) => hrefOf(module, name),
        title: ({ module, name }: ClassBar) =>
          `${module.path}\n${module.classCounts[name]} of ${module.active} active are ${CLASS_LABELS[name]}, ` +
          `${formatPercent(module.classCounts[name] / module.active)} %`,
      }),
      ...moduleLabels(rows, 0),
    ],
  })
}
