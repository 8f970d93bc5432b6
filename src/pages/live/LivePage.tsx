import { useEffect } from 'react'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import type { ModelClient } from '../../clients/createModelClient.ts'
import { describeReduction } from '../../clients/describeReduction.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { LiveStatus } from './LiveStatus.tsx'
import type { LiveState } from './liveState.ts'
import { ShadedStory } from './ShadedStory.tsx'
import { StoryAnalysis } from './StoryAnalysis.tsx'
import { StoryInput } from './StoryInput.tsx'
import { StoryProblem } from './StoryProblem.tsx'
import { useLiveState } from './useLiveState.ts'
import { type LiveStory, useLiveStory } from './useLiveStory.ts'
import './live.css'

/** Type a story, watch its subcomponents fire, take them away and see what the model loses. */
export function LivePage() {
  const { id, manifest, model, corpus } = useRun()
  const { state, problems, change } = useLiveState(manifest.modules)
  const story = useLiveStory(model, state, corpus.threshold)
  useCancelOnLeave(model)
  const reduction = describeReduction(manifest)
  const setText = (text: string) => change((s) => ({ ...s, text, isCut: false, position: null }))
  return (
    <div className="live">
      <title>{`Live story · ${id} · SPD Atlas`}</title>
      <div className="head">
        <div className="row between">
          <h1>Live story</h1>
          <LiveStatus story={story} state={state} />
        </div>
        {reduction !== null && <p className="note">{reduction}</p>}
      </div>
      <StoryInput text={state.text} onText={setText} />
      {problems.length > 0 && (
        <ErrorNote
          title="The link names what this run does not have"
          error={{ message: problems.map(({ message }) => message).join('; ') }}
        />
      )}
      {story.opened.kind === 'failed' ? (
        <ErrorNote title="The model cannot be opened" error={story.opened.error} onRetry={story.retry} />
      ) : (
        state.text.trim() !== '' && <StoryBody story={story} state={state} change={change} />
      )}
    </div>
  )
}

/** Nobody waits for passes of a page that is left; a worker that died on the way has none. */
function useCancelOnLeave(model: ModelClient): void {
  useEffect(
    () => () => {
      model.cancel().catch((error: unknown) => {
        if (!(error instanceof AtlasError)) throw error
      })
    },
    [model],
  )
}

interface StoryBodyProps {
  readonly story: LiveStory
  readonly state: LiveState
  readonly change: (change: (state: LiveState) => LiveState) => void
}

function StoryBody({ story, state, change }: StoryBodyProps) {
  const { manifest } = useRun()
  return (
    <>
      <ShadedStory story={story} state={state} change={change} />
      {story.observed.kind === 'failed' ? (
        <StoryProblem
          error={story.observed.error}
          onRetry={story.observed.retry}
          allowed={manifest.target_model.context_length}
          onCut={() => change((s) => ({ ...s, isCut: true, position: null }))}
        />
      ) : (
        <StoryAnalysis story={story} state={state} change={change} />
      )}
    </>
  )
}
