import { useRun } from '../../clients/RunContext.tsx'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
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
  const isEmpty = state.text.trim() === ''
  const setText = (text: string) => change((s) => ({ ...s, text, isCut: false, position: null }))
  return (
    <>
      <title>{`Live story · ${id} · SPD Atlas`}</title>
      <div className="head row between">
        <h1>Live story</h1>
        <LiveStatus story={story} isEmpty={isEmpty} />
      </div>
      <StoryInput text={state.text} onText={setText} />
      {problems.map((problem) => (
        <ErrorNote key={problem.message} title="The link names what this run does not have" error={problem} />
      ))}
      {story.opened.kind === 'failed' ? (
        <ErrorNote title="The model cannot be opened" error={story.opened.error} onRetry={story.retry} />
      ) : (
        <StoryBody isEmpty={isEmpty} story={story} state={state} change={change} />
      )}
    </>
  )
}

interface StoryBodyProps {
  readonly isEmpty: boolean
  readonly story: LiveStory
  readonly state: LiveState
  readonly change: (change: (state: LiveState) => LiveState) => void
}

function StoryBody({ isEmpty, story, state, change }: StoryBodyProps) {
  const { manifest } = useRun()
  if (isEmpty) return <Invitation />
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

function Invitation() {
  const { manifest } = useRun()
  const count = manifest.modules.reduce((sum, { c }) => sum + c, 0)
  return (
    <p className="empty">
      Type a story above, or choose an example. Every token then shows which of the {formatCount(count)} subcomponents
      in {manifest.modules.length} modules are active there, and what the model loses without any of them.
    </p>
  )
}
