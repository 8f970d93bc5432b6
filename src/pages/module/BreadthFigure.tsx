import type { ModuleRow } from '../../../core/bundle/queryModules.ts'
import type { SubcomponentTableRow } from '../../../core/bundle/querySubcomponents.ts'
import { useRequest } from '../../async/useRequest.ts'
import { drawBreadth } from '../../charts/drawBreadth.ts'
import { Figure } from '../../charts/Figure.tsx'
import { describeSource } from '../../clients/describeSource.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { subcomponentPath } from '../../clients/runPaths.ts'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { Skeleton } from '../../ui/Loading.tsx'
import { breadthFinding } from './findings.ts'
import { TABLE_PRESETS, tableQuery } from './tableState.ts'

/** Height of the drawing, in pixels. */
const HEIGHT = 376
const MIN_WIDTH = 340

/** Every active subcomponent of a module by how often it fires and on how many tokens. */
export function BreadthFigure({ module }: { readonly module: ModuleRow }) {
  const { index } = useRun()
  const everyActive = tableQuery(
    { classes: TABLE_PRESETS.active.classes, band: null, tokenText: '', sort: 'address', direction: 'ascending' },
    module.moduleId,
  )
  const rows = useRequest(`breadth ${module.module}`, () => index.listSubcomponents(everyActive))
  return (
    <section className="sec" aria-label="Breadth and activation count">
      {rows.kind === 'failed' && <ErrorNote error={rows.error} onRetry={rows.retry} />}
      {rows.kind === 'loading' && <FigureSkeleton />}
      {rows.kind === 'ready' && (
        <div className={rows.isUpdating ? 'is-updating' : ''}>
          <LoadedFigure module={module} rows={rows.value.rows} />
        </div>
      )}
    </section>
  )
}

function LoadedFigure({
  module,
  rows,
}: {
  readonly module: ModuleRow
  readonly rows: readonly SubcomponentTableRow[]
}) {
  const run = useRun()
  const { id, corpus, shortNames } = run
  const broadest = rows.reduce((most, { uniqueTokens }) => Math.max(most, uniqueTokens), 0)
  const points = rows.map((row) => ({
    subcomponent: row.subcomponent,
    activationCount: row.activationCount,
    uniqueTokens: row.uniqueTokens,
    class: row.class,
    gist: row.topTokens.map(({ token }) => token).join('  '),
  }))
  const hrefOf = (subcomponent: number) => `#${subcomponentPath(id, module.module, subcomponent)}`
  return (
    <Figure
      title={breadthFinding(module, broadest, corpus.distinct_tokens)}
      subtitle="Each mark is an active subcomponent; those of one token are ticks."
      hint="Choose a mark to open it."
      provenance={`${module.module} · ${describeSource(run)}`}
      drawKey={`${module.module} ${rows.length}`}
      height={HEIGHT}
      minWidth={MIN_WIDTH}
      fileName={`${id}-${shortNames.get(module.module) ?? module.module}-breadth`}
      numbers={{
        columns: ['subcomponent', 'activation_count', 'unique_tokens', 'class'],
        rows: rows.map((row) => [row.subcomponent, row.activationCount, row.uniqueTokens, row.class]),
      }}
      draw={(width) =>
        drawBreadth(points, { width, positions: corpus.positions, distinctTokens: corpus.distinct_tokens, hrefOf })
      }
    />
  )
}

function FigureSkeleton() {
  return (
    <figure>
      <figcaption>
        <p className="title-2">
          <Skeleton width={48} />
        </p>
        <p>
          <Skeleton width={60} />
        </p>
      </figcaption>
      <div style={{ height: HEIGHT }} />
    </figure>
  )
}
