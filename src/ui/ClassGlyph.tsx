import { SPECIALISATION_CLASSES, type SubcomponentClass } from '../../core/statistics/subcomponentClass.ts'

const BAR_COUNT = 5

/** Names of the classes as read on screen. */
export const CLASS_LABELS: Readonly<Record<SubcomponentClass, string>> = {
  dead: 'dead',
  truly_monosemantic: 'truly monosemantic',
  highly_specialised: 'highly specialised',
  specialised: 'specialised',
  moderate: 'moderate',
  polysemantic: 'polysemantic',
}

/** Band of unique tokens of each class: 1, 2–5, 6–20, 21–100, > 100. */
export const CLASS_BANDS: Readonly<Record<SubcomponentClass, string>> = {
  dead: '0',
  truly_monosemantic: '1',
  highly_specialised: '2–5',
  specialised: '6–20',
  moderate: '21–100',
  polysemantic: '> 100',
}

/** 1 to 5 for the specialisation classes, 0 for dead. */
export function classStep(name: SubcomponentClass): number {
  return SPECIALISATION_CLASSES.findIndex((entry) => entry.name === name) + 1
}

/** Five rising bars, as many filled as the class is broad. */
export function ClassGlyph({ name }: { readonly name: SubcomponentClass }) {
  const step = classStep(name)
  return (
    <svg width="26" height="13" aria-hidden="true">
      {Array.from({ length: BAR_COUNT }, (_, bar) => {
        const height = 2.4 * (bar + 1)
        const isFilled = bar < step
        return (
          <rect
            key={height}
            className={isFilled ? `k${step}` : 'none'}
            x={5 * bar + 0.4}
            y={12.4 - height}
            width={3.6}
            height={height}
            stroke="var(--ink-2)"
            strokeWidth={0.6}
          />
        )
      })}
    </svg>
  )
}

/** Glyph and word of a class. */
export function ClassLabel({ name }: { readonly name: SubcomponentClass }) {
  return (
    <span className="cls">
      <ClassGlyph name={name} />
      {CLASS_LABELS[name]}
    </span>
  )
}
