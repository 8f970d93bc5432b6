import { SPECIALISATION_CLASSES } from '../../core/statistics/subcomponentClass.ts'
import { CLASS_BANDS, CLASS_LABELS, classStep } from '../ui/ClassGlyph.tsx'
import { HATCH_FILL } from './hatch.ts'

/** The line above a figure that says what its fills stand for. */
export function ActivityKey() {
  return (
    <p className="swatches">
      <Swatch fill="var(--frequent)" label="frequent, > 100" />
      <Swatch fill="var(--rare)" label="rare, 1–100" />
      <Swatch fill={HATCH_FILL} label="dead" />
    </p>
  )
}

/** The key of the specialisation classes, by their band of unique tokens. */
export function ClassKey() {
  return (
    <p className="swatches">
      {SPECIALISATION_CLASSES.map(({ name }) => (
        <Swatch
          key={name}
          fill={`var(--class-${classStep(name)})`}
          label={CLASS_BANDS[name]}
          title={CLASS_LABELS[name]}
        />
      ))}
      <span>tokens</span>
    </p>
  )
}

interface SwatchProps {
  readonly fill: string
  readonly label: string
  readonly title?: string
}

function Swatch({ fill, label, title }: SwatchProps) {
  return (
    <span title={title}>
      <svg width="12" height="11" aria-hidden="true">
        <rect x="0.5" y="0.5" width="11" height="10" style={{ fill, stroke: 'var(--rule-2)' }} />
      </svg>
      {label}
    </span>
  )
}
