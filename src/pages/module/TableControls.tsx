import { Link } from 'react-router'
import { SUBCOMPONENT_CLASSES, type SubcomponentClass } from '../../../core/statistics/subcomponentClass.ts'
import { CLASS_BANDS, CLASS_LABELS, ClassGlyph } from '../../ui/ClassGlyph.tsx'
import { useTyping } from '../../ui/useTyping.ts'
import {
  isSameClasses,
  presetParams,
  TABLE_PRESETS,
  type TablePreset,
  type TableState,
  toggleClass,
} from './tableState.ts'

interface TableTabsProps {
  readonly state: TableState
  /** What the page shows where its address says nothing. */
  readonly preset: TablePreset
  /** Path of the same table over all modules; null where this is it. */
  readonly allModules: string | null
}

/** The report's tables to choose from. */
export function TableTabs({ state, preset, allModules }: TableTabsProps) {
  const isCurrent = ({ classes }: TablePreset) =>
    state.band === null && state.tokenText === '' && isSameClasses(classes, state.classes)
  return (
    <nav className="tabs" aria-label="Tables">
      {Object.values(TABLE_PRESETS).map((table) => (
        <Link
          key={table.name}
          to={`?${presetParams(table, preset)}`}
          replace
          {...(isCurrent(table) ? { 'aria-current': 'true' as const } : {})}
        >
          {table.name}
        </Link>
      ))}
      {allModules !== null && <Link to={allModules}>All modules</Link>}
    </nav>
  )
}

interface TableFiltersProps {
  readonly state: TableState
  readonly onChange: (state: TableState) => void
}

/** Which classes, which band, which tokens. */
export function TableFilters({ state, onChange }: TableFiltersProps) {
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: toggles are no form fields */}
      <div className="row tight" role="group" aria-label="Classes, by unique tokens">
        {[...SUBCOMPONENT_CLASSES.slice(1), SUBCOMPONENT_CLASSES[0] ?? 'dead'].map((name) => (
          <ClassToggle
            key={name}
            name={name}
            isPressed={state.classes.includes(name)}
            onToggle={() => onChange(toggleClass(state, name))}
          />
        ))}
      </div>
      {state.band !== null && state.band !== 'dead' && (
        <button className="b" type="button" aria-pressed="true" onClick={() => onChange({ ...state, band: null })}>
          {state.band}: {state.band === 'rare' ? '1–100' : '> 100'} activations ×
        </button>
      )}
      <TokenField text={state.tokenText} onChange={(tokenText) => onChange({ ...state, tokenText })} />
    </>
  )
}

interface ClassToggleProps {
  readonly name: SubcomponentClass
  readonly isPressed: boolean
  readonly onToggle: () => void
}

function ClassToggle({ name, isPressed, onToggle }: ClassToggleProps) {
  return (
    <button
      className="b"
      type="button"
      aria-pressed={isPressed}
      aria-label={`${CLASS_LABELS[name]}, ${CLASS_BANDS[name]} unique tokens`}
      title={CLASS_LABELS[name]}
      onClick={onToggle}
    >
      {name !== 'dead' && <ClassGlyph name={name} />}
      {name === 'dead' ? 'dead' : CLASS_BANDS[name]}
    </button>
  )
}

/** Long enough that a word is looked for once, not letter by letter. */
const TYPING_MS = 200

/** Text looked for among the ten most frequent tokens. */
function TokenField({ text, onChange }: { readonly text: string; readonly onChange: (text: string) => void }) {
  const [typed, setTyped] = useTyping(text, onChange, TYPING_MS)
  return (
    <input
      className="field"
      type="search"
      value={typed}
      maxLength={64}
      placeholder="among top 10 tokens"
      aria-label="Text in one of the ten most frequent tokens"
      onChange={(event) => setTyped(event.target.value)}
    />
  )
}
