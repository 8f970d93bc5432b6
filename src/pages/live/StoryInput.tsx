import type { ExampleStoryRow } from '../../../core/bundle/queryExampleStories.ts'
import { useAction } from '../../async/useAction.ts'
import { useRequest } from '../../async/useRequest.ts'
import { useRun } from '../../clients/RunContext.tsx'
import { formatCount } from '../../ui/formatNumber.ts'
import { useTyping } from '../../ui/useTyping.ts'

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
  const [typed, setTyped] = useTyping(text, onText, TYPING_MS)
  return (
    <section className="sec" aria-label="Text">
      {text !== '' && <StorySources isEmpty={false} onText={onText} />}
      <textarea
        className="story-text"
        value={typed}
        rows={2}
        spellCheck={false}
        placeholder="Type or paste a story."
        aria-label="Story"
        onChange={(event) => setTyped(event.target.value)}
      />
      {text === '' && <StorySources isEmpty onText={onText} />}
    </section>
  )
}

interface StorySourcesProps {
  readonly isEmpty: boolean
  readonly onText: (text: string) => void
}

/** Stories to begin with: short buttons over a story, whole beginnings under an empty field. */
function StorySources({ isEmpty, onText }: StorySourcesProps) {
  const { index, model, manifest } = useRun()
  const examples = useRequest('examples', () => index.listExampleStories())
  const another = useAction(async () => onText(await model.tellStory(randomSeed())))
  const failure = examples.kind === 'failed' ? examples.error : another.error
  const stories = examples.kind === 'ready' ? examples.value.slice(0, EXAMPLES) : []
  const tell = manifest.story_grammar === null ? null : another.run
  return (
    <>
      {isEmpty ? (
        <ExampleList stories={stories} onText={onText} onAnother={tell} />
      ) : (
        <ExampleButtons stories={stories} onText={onText} onAnother={tell} />
      )}
      {failure !== null && <p role="alert">! Error: {failure.message}</p>}
    </>
  )
}

interface ExamplesProps {
  readonly stories: readonly ExampleStoryRow[]
  readonly onText: (text: string) => void
  /** Null where the run has no grammar. */
  readonly onAnother: (() => void) | null
}

function ExampleButtons({ stories, onText, onAnother }: ExamplesProps) {
  return (
    <div className="row tight sources">
      {stories.length > 0 && <span className="sub">Examples</span>}
      {stories.map(({ story, title, text }) => (
        <button key={story} className="b" type="button" title={text.slice(0, 200)} onClick={() => onText(text)}>
          <span className="ellipsis">{title}</span>
        </button>
      ))}
      {onAnother !== null && (
        <button className="b" type="button" title="A fresh story in the model’s own language" onClick={onAnother}>
          Another story
        </button>
      )}
      <button className="b" type="button" onClick={() => onText('')}>
        Clear
      </button>
    </div>
  )
}

function ExampleList({ stories, onText, onAnother }: ExamplesProps) {
  const { modules } = useRun().manifest
  const count = modules.reduce((sum, { c }) => sum + c, 0)
  return (
    <>
      <p className="empty">
        Type a story above, or choose an example. Every token then shows which of the {formatCount(count)} subcomponents
        in {modules.length} modules are active there, and what the model loses without any of them.
      </p>
      <ul className="plain examples">
        {onAnother !== null && (
          <li>
            <button type="button" onClick={onAnother}>
              <span>
                Another story <span className="dim">made afresh, in the model’s own language</span>
              </span>
            </button>
          </li>
        )}
        {stories.map(({ story, text }) => (
          <li key={story}>
            <button type="button" onClick={() => onText(text)}>
              <span>{text}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
