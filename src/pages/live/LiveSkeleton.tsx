import type { Progress } from '../../../core/progress/Progress.ts'
import { STRIP } from '../../charts/heatStripLayout.ts'
import { placeModuleRows } from '../../charts/moduleRows.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { Loading, Skeleton } from '../../ui/Loading.tsx'
import { SkeletonRows } from '../../ui/PageSkeleton.tsx'

const LISTED_ROWS = 16

/** The page before the first pass, in the sizes it will have. */
export function LiveSkeleton({ progress }: { readonly progress: Progress | null }) {
  const { modules } = useRun().manifest
  const rows = placeModuleRows(modules, { bar: STRIP.bar, pitch: STRIP.pitch })
  return (
    <div className="grid live-grid">
      <section className="sec c8">
        <h2>
          <Skeleton width={44} />
        </h2>
        <Loading what="the model" progress={progress} />
        <div style={{ height: STRIP.head + rows.height + STRIP.foot }} />
      </section>
      <section className="sec c4">
        <h2>
          <Skeleton width={20} />
        </h2>
        <SkeletonRows count={LISTED_ROWS} />
      </section>
    </div>
  )
}
