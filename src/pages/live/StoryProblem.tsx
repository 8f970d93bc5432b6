import { AtlasError } from '../../../core/errors/AtlasError.ts'
import { ErrorNote } from '../../ui/ErrorNote.tsx'
import { formatCount } from '../../ui/formatNumber.ts'

interface StoryProblemProps {
  readonly error: Error
  readonly onRetry: () => void
  /** Longest story, in tokens. */
  readonly allowed: number
  readonly onCut: () => void
}

/** Why the story has no figure, and the way on: a story too long may be cut, anything else tried again. */
export function StoryProblem({ error, onRetry, allowed, onCut }: StoryProblemProps) {
  if (!(error instanceof AtlasError) || error.code !== 'story/too-long') {
    return <ErrorNote error={error} onRetry={onRetry} />
  }
  const isEncoded = 'found' in error.details
  return (
    <ErrorNote title="The story is too long for the model" error={error}>
      {isEncoded && (
        <button className="b" type="button" onClick={onCut}>
          Take the first {formatCount(allowed)} tokens
        </button>
      )}
    </ErrorNote>
  )
}
