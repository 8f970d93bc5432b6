import { useEffect, useState } from 'react'
import { useAction } from '../../async/useAction.ts'
import { useRequest } from '../../async/useRequest.ts'
import { useRun } from '../../clients/RunContext.tsx'

/** Long enough that a burst of keys is one question, short enough to feel at once. */
const TYPING_MS = 80
/** Example stories offered. */
const EXAMPLES = 4

interface StoryInputProps {
  readonly text: string
  readonly onText: (text: string) => void
}

/** The story as text, and where to get one. */
export function StoryInput({ text, onText }: StoryInputProps) {
  const [typed, setTyped] = useTyping(text, onText)
  return (
    <section className="sec" aria-label="Text">
      <StorySources hasText={text !== ''} onText={onText} />
      <textarea
        className="story-text"
        value={typed}
        rows={2}
        spellCheck={false}
        placeholder="Type or paste a story."
        aria-label="Story"
        onChange={(event) => setTyped(event.target.value)}
      />
    </section>
  )
}

/** What stands in the field, and the story some milliseconds after the last key. */
function useTyping(text: string, onText: (text: string) => void) {
  const [typed, setTyped] = useState(text)
  const [shown, setShown] = useState(text)
  if (shown !== text) {
    setShown(text)
    setTyped(text)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: waits after typing only, not after every render of the page
  useEffect(() => {
    if (typed === text) return
    const timer = setTimeout(() => onText(typed), TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return [typed, setTyped] as const
}

function StorySources({ hasText, onText }: { readonly hasText: boolean; readonly onText: (text: string) => void }) {
  const { index, model, manifest } = useRun()
  const examples = useRequest('examples', () => index.listExampleStories())
  const another = useAction(async () => onText(await model.tellStory(randomSeed())))
  return (
    <div className="row tight sources">
      <span className="sub">Examples</span>
      {examples.kind === 'failed' && <span role="alert">! Error: {examples.error.message}</span>}
      {examples.kind === 'ready' &&
        examples.value.slice(0, EXAMPLES).map(({ story, title, text }) => (
          <button key={story} className="b" type="button" title={text.slice(0, 200)} onClick={() => onText(text)}>
            <span className="ellipsis">{title}</span>
          </button>
        ))}
      {manifest.story_grammar !== null && (
        <button className="b" type="button" title="A fresh story in the model’s own language" onClick={another.run}>
          Another story
        </button>
      )}
      {hasText && (
        <button className="b" type="button" onClick={() => onText('')}>
          Clear
        </button>
      )}
      {another.error !== null && <span role="alert">! Error: {another.error.message}</span>}
    </div>
  )
}

const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
