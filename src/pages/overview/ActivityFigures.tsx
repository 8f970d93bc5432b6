import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import { SPECIALISATION_CLASSES } from '../../../core/statistics/subcomponentClass.ts'
import { drawActivity } from '../../charts/drawActivity.ts'
import { drawClasses } from '../../charts/drawClasses.ts'
import { drawMedians } from '../../charts/drawMedians.ts'
import { Figure } from '../../charts/Figure.tsx'
import { ACTIVITY_KEY, CLASS_KEY } from '../../charts/keys.tsx'
import { moduleFigureHeight } from '../../charts/moduleFrame.ts'
import { describeSource } from '../../clients/describeSource.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { modulePath } from '../../clients/runPaths.ts'
import { activityFinding, breadthFinding, classFinding } from './findings.ts'

const MIN_WIDTH = 340

/** Figures 1, 2 and 4 of the report, one row a module in each. */
export function ActivityFigures() {
  const run = useRun()
  const { id, modules } = run
  const rows = modules.map((row) => ({ ...row, path: row.module }))
  const shared = { drawKey: id, height: moduleFigureHeight(rows), minWidth: MIN_WIDTH, provenance: describeSource(run) }
  const href = (module: string, filter: string) => `#${modulePath(id, module)}?${filter}`
  return (
    <section className="sec" aria-label="Figures of all modules">
      <p className="note">One row is one module, in model order. Choose a bar to open that module filtered to it.</p>
      <div className="figs">
        <Figure
          {...shared}
          title={`1 · ${activityFinding(modules)}`}
          subtitle="Share of subcomponents by activation count"
          swatches={ACTIVITY_KEY}
          fileName={`${id}-activity`}
          numbers={{
            columns: ['module', 'c', 'frequent', 'rare', 'dead', 'active_share'],
            rows: modules.map((row) => [row.module, row.c, row.frequent, row.rare, row.dead, row.active / row.c]),
          }}
          draw={(width) => drawActivity(rows, width, ({ path }, band) => href(path, `band=${band}`))}
        />
        <Figure
          {...shared}
          title={`2 · ${classFinding(modules)}`}
          subtitle="Active subcomponents by number of unique tokens"
          swatches={CLASS_KEY}
          fileName={`${id}-classes`}
          numbers={{
            columns: ['module', 'active', ...SPECIALISATION_CLASSES.map(({ name }) => name)],
            rows: modules.map((row) => [row.module, row.active, ...classCountsOf(row)]),
          }}
          draw={(width) => drawClasses(rows, width, ({ path }, name) => href(path, `class=${name}`))}
        />
        <Figure
          {...shared}
          title={`4 · ${breadthFinding(modules)}`}
          subtitle="Median unique tokens; of a layer, the median of its modules"
          fileName={`${id}-medians`}
          numbers={{
            columns: ['module', 'active', 'median_unique_tokens'],
            rows: modules.map((row) => [row.module, row.active, row.medianUniqueTokens]),
          }}
          draw={(width) => drawMedians(rows, width)}
        />
      </div>
    </section>
  )
}

function classCountsOf({ classCounts }: ModuleRow): number[] {
  return SPECIALISATION_CLASSES.map(({ name }) => classCounts[name])
}
