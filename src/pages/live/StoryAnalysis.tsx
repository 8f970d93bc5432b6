import type { AblationEffect, ObservedPosition, ObservedStory } from '../../../workers/contracts/ModelApi.ts'
import type { Request } from '../../async/useRequest.ts'
import type { StripCell } from '../../charts/heatStripLayout.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { ActivePanel } from './ActivePanel.tsx'
import { ActivityFigure } from './ActivityFigure.tsx'
import { LiveSkeleton } from './LiveSkeleton.tsx'
import { isSame, type LiveState, type LiveSubcomponent } from './liveState.ts'
import { NextTokens } from './NextTokens.tsx'
import type { LiveStory } from './useLiveStory.ts'
import { WhatWasDone } from './WhatWasDone.tsx'

interface StoryAnalysisProps {
  readonly story: LiveStory
  readonly state: LiveState
  readonly change: (change: (state: LiveState) => LiveState) => void
}

/** Everything the model says of the story: activity, what is active at the chosen token, next tokens, ablations. */
export function StoryAnalysis({ story, state, change }: StoryAnalysisProps) {
  const { observed, position, shading, effect } = story
  const at = readyValue(position)
  const observedStory = readyValue(observed)
  if (observedStory === null) {
    const progress = story.opened.kind === 'loading' ? story.opened.progress : null
    return <LiveSkeleton tokens={readyValue(story.encoded)?.tokens ?? []} progress={progress} />
  }
  return (
    <div className="grid live-grid">
      <section className={sectionClass('c8', observed)} aria-label="Activity along the story">
        <StoryActivity story={observedStory} effect={readyValue(effect)} state={state} change={change} />
      </section>
      <section className={sectionClass('c4', position)} aria-label="Active at the chosen token">
        {position.kind === 'failed' && (
          <ErrorNote error={position.error} onRetry={position.retry}>
            <button className="b" type="button" onClick={() => change((s) => ({ ...s, position: null }))}>
              Choose the last token
            </button>
          </ErrorNote>
        )}
        {at !== null && <ActivePanel at={at} shading={readyValue(shading)} state={state} change={change} />}
      </section>
      {at !== null && <StoryIntervention at={at} effect={effect} state={state} change={change} />}
    </div>
  )
}

interface StoryActivityProps extends Omit<StoryAnalysisProps, 'story'> {
  readonly story: ObservedStory
  readonly effect: AblationEffect | null
}

function StoryActivity({ story, effect, state, change }: StoryActivityProps) {
  const { manifest, shortNames } = useRun()
  const { modules, run } = manifest
  const T = story.tokens.length
  const module = modules.findIndex(({ path }) => path === state.modulePath)
  const chosen: StripCell = {
    position: Math.min(state.position ?? story.lastOwn, T - 1),
    module: module === -1 ? null : module,
  }
  const choose = (cell: StripCell) =>
    change((s) => ({
      ...s,
      position: cell.position,
      modulePath: cell.module === null ? null : (modules[cell.module]?.path ?? null),
    }))
  return (
    <ActivityFigure
      story={story}
      effect={effect?.kl.length === T ? effect : null}
      ablated={shortAddresses(state.ablated, shortNames)}
      chosen={chosen}
      beyond={run.trained_length !== null && T > run.trained_length ? run.trained_length : null}
      onChoose={choose}
    />
  )
}

interface StoryInterventionProps extends Omit<StoryAnalysisProps, 'story'> {
  readonly at: ObservedPosition
  readonly effect: Request<AblationEffect | null>
}

function StoryIntervention({ at, effect, state, change }: StoryInterventionProps) {
  const { shortNames } = useRun()
  return (
    <>
      <section className={sectionClass('c8', effect)} aria-label="Next tokens">
        {effect.kind === 'failed' && <ErrorNote error={effect.error} onRetry={effect.retry} />}
        <NextTokens at={at} effect={readyValue(effect)} ablated={shortAddresses(state.ablated, shortNames)} />
      </section>
      <section className={sectionClass('c4', effect)} aria-label="Intervention">
        <WhatWasDone
          at={at}
          effect={readyValue(effect)}
          ablated={state.ablated}
          onRestore={(subcomponent) =>
            change((s) => ({ ...s, ablated: s.ablated.filter((other) => !isSame(other, subcomponent)) }))
          }
          onRestoreAll={() => change((s) => ({ ...s, ablated: [] }))}
        />
      </section>
    </>
  )
}

const shortAddresses = (subcomponents: readonly LiveSubcomponent[], shortNames: ReadonlyMap<string, string>) =>
  subcomponents.map(({ modulePath, subcomponent }) => `${shortNames.get(modulePath)}:${subcomponent}`)

const readyValue = <T,>(request: Request<T | null>): T | null => (request.kind === 'ready' ? request.value : null)

/** What is about to be replaced stays, paler. */
function sectionClass(columns: string, request: Request<unknown>): string {
  return request.kind === 'ready' && request.isUpdating ? `sec ${columns} is-updating` : `sec ${columns}`
}
