import { Link } from 'react-router'
import { useRun } from '../../clients/RunContext.tsx'
import { subcomponentPath } from '../../clients/runPaths.ts'
import { Skeleton } from '../../ui/Loading.tsx'
import { CiKey } from '../../ui/Token.tsx'
import type { LiveState } from './liveState.ts'
import { StoryTokens } from './StoryTokens.tsx'
import type { LiveStory } from './useLiveStory.ts'

interface ShadedStoryProps {
  readonly story: LiveStory
  readonly state: LiveState
  readonly change: (change: (state: LiveState) => LiveState) => void
}

/** The story's tokens, shaded by the causal importance of one subcomponent. */
export function ShadedStory({ story, state, change }: ShadedStoryProps) {
  const { manifest, corpus } = useRun()
  const { encoded, observed, shading } = story
  if (encoded.kind !== 'ready' || encoded.value === null) return <TokensSkeleton text={state.text} />
  // No pass goes beyond the context, so more tokens would only be there to scroll past.
  const tokens = encoded.value.tokens.slice(0, manifest.target_model.context_length)
  const shades = shading.kind === 'ready' && !shading.isUpdating ? shading.value : null
  const lastOwn = observed.kind === 'ready' ? (observed.value?.lastOwn ?? null) : null
  const trained = manifest.run.trained_length
  return (
    <div className="shaded-story">
      <div className="row between">
        <ShadedBy state={state} onClear={() => change((s) => ({ ...s, shaded: null }))} />
        <CiKey threshold={corpus.threshold} />
      </div>
      <StoryTokens
        tokens={tokens}
        shading={shades?.length === tokens.length ? shades : null}
        threshold={corpus.threshold}
        chosen={state.position ?? lastOwn}
        beyond={trained !== null && tokens.length > trained ? trained : null}
        onChoose={(position) => change((s) => ({ ...s, position }))}
      />
    </div>
  )
}

function ShadedBy({ state, onClear }: { readonly state: LiveState; readonly onClear: () => void }) {
  const { id, shortNames } = useRun()
  if (state.shaded === null) {
    return <span className="sub small">Choose a token; choose a subcomponent to shade the story by it.</span>
  }
  const { modulePath, subcomponent } = state.shaded
  return (
    <span className="sub small">
      Shaded by{' '}
      <Link
        className="mono"
        to={subcomponentPath(id, modulePath, subcomponent)}
        title={`${modulePath}:${subcomponent}`}
      >
        {shortNames.get(modulePath)}:{subcomponent}
      </Link>{' '}
      (
      <button className="link inline" type="button" onClick={onClear}>
        clear
      </button>
      ). Choose a token, or type.
    </span>
  )
}

/** Characters a token takes on average, its gap included. */
const TOKEN_CHARACTERS = 6

/** Grey chips, about as many as the text will have. */
function TokensSkeleton({ text }: { readonly text: string }) {
  const count = Math.min(60, Math.ceil(text.length / TOKEN_CHARACTERS))
  return (
    <div className="shaded-story" aria-hidden="true">
      <div className="story">
        {Array.from({ length: count }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
          <span className="t" key={i}>
            <Skeleton width={2 + ((i * 7) % 5)} />
          </span>
        ))}
      </div>
    </div>
  )
}
