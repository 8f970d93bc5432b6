import { SPECIALISATION_CLASSES } from '../../core/statistics/subcomponentClass.ts'
import { CLASS_BANDS, classStep } from '../ui/ClassGlyph.tsx'
import { HATCH_FILL } from './hatch.ts'

/** What a fill of a figure stands for. */
export interface Swatch {
  readonly fill: string
  readonly label: string
}

export const ACTIVITY_KEY: readonly Swatch[] = [
  { fill: 'var(--frequent)', label: 'frequent, > 100' },
  { fill: 'var(--rare)', label: 'rare, 1–100' },
  { fill: HATCH_FILL, label: 'dead' },
]

/** The specialisation classes by their band of unique tokens. */
export const CLASS_KEY: readonly Swatch[] = SPECIALISATION_CLASSES.map(({ name }) => ({
  fill: `var(--class-${classStep(name)})`,
  label: name === 'polysemantic' ? `${CLASS_BANDS[name]} tokens` : CLASS_BANDS[name],
}))

/** The line above a figure that says what its fills stand for. */
export function FigureKey({ swatches }: { readonly swatches: readonly Swatch[] }) {
  return (
    <p className="swatches">
      {swatches.map(({ fill, label }) => (
        <span key={label}>
          <svg width="12" height="11" aria-hidden="true">
            <rect x="0.5" y="0.5" width="11" height="10" style={{ fill, stroke: 'var(--rule-2)' }} />
          </svg>
          {label}
        </span>
      ))}
    </p>
  )
}
