import { useRef } from 'react'
import type { Progress } from '../../../core/progress/Progress.ts'
import { HeatStrip } from '../../charts/HeatStrip.tsx'
import { useRun } from '../../clients/RunContext.tsx'
import { Loading, Skeleton } from '../../ui/Loading.tsx'
import { SkeletonRows } from '../../ui/PageSkeleton.tsx'

const LISTED_ROWS = 16
const NONE = { position: -1, module: null }
const NOTHING = () => undefined

interface LiveSkeletonProps {
  /** Of the story, as soon as they are known. */
  readonly tokens: readonly string[]
  readonly progress: Progress | null
}

/** The page before the first pass, in the sizes it will have: modules and tokens are known, bars are not. */
export function LiveSkeleton({ tokens, progress }: LiveSkeletonProps) {
  const { modules } = useRun().manifest
  const drawing = useRef<SVGSVGElement>(null)
  return (
    <div className="grid live-grid" aria-busy="true">
      <section className="sec c8">
        <div className="title-to-come" aria-hidden="true">
          <Skeleton width={44} />
        </div>
        <p className="note">
          <Skeleton width={60} />
        </p>
        <Loading what="the model" progress={progress} />
        <HeatStrip
          label="Activity, not yet known"
          modules={modules}
          tokens={tokens}
          counts={new Uint16Array(modules.length * tokens.length)}
          ceiling={1}
          chosen={NONE}
          beyond={null}
          effect={null}
          onChoose={NOTHING}
          onPoint={NOTHING}
          drawing={drawing}
        />
      </section>
      <section className="sec c4">
        <div className="title-to-come" aria-hidden="true">
          <Skeleton width={20} />
        </div>
        <SkeletonRows count={LISTED_ROWS} />
      </section>
    </div>
  )
}
