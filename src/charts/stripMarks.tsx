import { memo, useId } from 'react'
import { formatNats } from '../ui/formatNumber.ts'
import { barPaths, labelledEffects, STRIP, type StripCell } from './heatStripLayout.ts'
import { layerColor } from './moduleFrame.ts'
import type { ModuleRowInput, ModuleRows } from './moduleRows.ts'

/** Room left of the columns: layers, modules, ticks of the effect. */
export const LABEL_WIDTH = 64
const LABEL_ANGLE = -52
const LABEL_CHARACTERS = 11
/** Effects with a number, and how far apart they must stand, in pixels. */
const EFFECT_LABELS = 3
const EFFECT_LABEL_WIDTH = 44

/** Quantity along the story, drawn as bars under the strip. */
export interface StripEffect {
  readonly title: string
  /** What stands left of it, e.g. "KL". */
  readonly name: string
  /** One a position, from 0. */
  readonly values: Float32Array
  /** Top of its axis. */
  readonly ceiling: number
}

interface RowLabelsProps {
  readonly rows: ModuleRows<ModuleRowInput>
  readonly chosen: number | null
  readonly effect: StripEffect | null
}

/** Names of layers and modules, and the ticks of the effect. */
export const RowLabels = memo(function RowLabels({ rows, chosen, effect }: RowLabelsProps) {
  const deepest = Math.max(1, ...rows.layers.map(({ layer }) => layer ?? 0))
  const zero = STRIP.head + rows.height + STRIP.effectGap + STRIP.effectHeight
  return (
    <>
      <text className="d" x={0} y={STRIP.head - 8}>
        module
      </text>
      {rows.layers.map(({ layer, top, bottom }) => (
        <g key={top}>
          <rect x={0} y={STRIP.head + top} width={3} height={bottom - top} fill={layerColor(layer, deepest)} />
          <text className="s strong" x={8} y={STRIP.head + top + 11}>
            {layer === null ? '–' : `L${layer}`}
          </text>
        </g>
      ))}
      {rows.rows.map(({ module, top }, index) => (
        <text
          key={module.path}
          className={index === chosen ? 's strong small' : 's small'}
          x={30}
          y={STRIP.head + top + 11}
        >
          {module.kind.replace(/_proj$/, '')}
        </text>
      ))}
      {effect !== null && (
        <>
          <text className="d m small e" x={LABEL_WIDTH - 6} y={zero - STRIP.effectHeight + 4}>
            {effect.ceiling}
          </text>
          <text className="d m small e" x={LABEL_WIDTH - 6} y={zero}>
            0
          </text>
          <text x={0} y={zero - STRIP.effectHeight / 2 + 4}>
            {effect.name}
          </text>
          <text className="s title" x={LABEL_WIDTH} y={zero - STRIP.effectHeight - 14}>
            {effect.title}
          </text>
        </>
      )}
    </>
  )
})

interface TokenLabelsProps {
  readonly tokens: readonly string[]
  readonly column: number
}

/** A token over each column. */
export const TokenLabels = memo(function TokenLabels({ tokens, column }: TokenLabelsProps) {
  return (
    <g className="m">
      {tokens.map((token, position) => (
        <text
          // biome-ignore lint/suspicious/noArrayIndexKey: a position is what this is
          key={position}
          transform={`translate(${position * column + column / 2 + 3} ${STRIP.head - 8}) rotate(${LABEL_ANGLE})`}
        >
          {shorten(token)}
        </text>
      ))}
    </g>
  )
})

const shorten = (token: string): string =>
  token.length > LABEL_CHARACTERS ? `${token.slice(0, LABEL_CHARACTERS - 1)}…` : token

interface BarsProps {
  readonly rows: ModuleRows<ModuleRowInput>
  readonly counts: Uint16Array
  readonly columnCount: number
  readonly column: number
  readonly ceiling: number
}

/** Active subcomponents of every module at every token. */
export const Bars = memo(function Bars({ rows, counts, columnCount, column, ceiling }: BarsProps) {
  const rowTops = rows.rows.map(({ top }) => STRIP.head + top)
  const paths = barPaths({ counts, columnCount, rowTops, columnWidth: column, ceiling })
  const lines = rowTops.map((top) => `M0 ${top + STRIP.bar + 0.5}h${column * columnCount}`).join('')
  return (
    <>
      <path className="gr" d={lines} />
      {paths.map((path, tone) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the tone is the path's identity
        <path key={tone} className={`n${tone + 1}`} d={path} />
      ))}
    </>
  )
})

interface EffectBarsProps {
  readonly effect: StripEffect
  readonly column: number
  /** Bottom of the rows. */
  readonly top: number
}

/** The effect at every token. */
export const EffectBars = memo(function EffectBars({ effect, column, top }: EffectBarsProps) {
  const { values, ceiling } = effect
  const zero = top + STRIP.effectGap + STRIP.effectHeight
  const y = (value: number) => zero - STRIP.effectHeight * Math.min(1, value / ceiling)
  const inset = Math.round(column * 0.22)
  const path = Array.from(values, (value, position) => {
    const height = Math.max(0.5, zero - y(value))
    const width = column - 2 * inset
    return `M${position * column + inset} ${(zero - height).toFixed(2)}h${width}v${height.toFixed(2)}h-${width}z`
  }).join('')
  const labelled = labelledEffects(values, EFFECT_LABELS, Math.ceil(EFFECT_LABEL_WIDTH / column))
  return (
    <>
      <path className="gr dotted" d={`M0 ${zero - STRIP.effectHeight}h${column * values.length}`} />
      <path className="acc" d={path} />
      <path className="ax" d={`M0 ${zero + 0.5}h${column * values.length}`} />
      {labelled.map((position) => (
        <text key={position} className="m s small mid" x={(position + 0.5) * column} y={y(values[position] ?? 0) - 4}>
          {formatNats(values[position] ?? 0)}
        </text>
      ))}
    </>
  )
})

interface PositionAxisProps {
  readonly last: number
  readonly column: number
  readonly y: number
}

/** Positions between the first and the last that are named. */
const AXIS_STEPS = [5, 10, 20, 50, 100]
const AXIS_LABEL_WIDTH = 90

/** Positions, as many as have room. */
export function PositionAxis({ last, column, y }: PositionAxisProps) {
  const step = AXIS_STEPS.find((positions) => positions * column >= AXIS_LABEL_WIDTH) ?? 100
  const named = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step)
  return (
    <g className="m small">
      {named.map((position) => (
        <text
          key={position}
          className={position === 0 ? 'd' : 'd mid'}
          x={position === 0 ? 0 : (position + 0.5) * column}
          y={y}
        >
          {position === 0 ? 'position 0' : position}
        </text>
      ))}
    </g>
  )
}

interface CursorProps {
  readonly rows: ModuleRows<ModuleRowInput>
  readonly chosen: StripCell
  readonly column: number
  readonly token: string
}

/** The chosen column, its token set bold over the label, and the chosen row within it. */
export function Cursor({ rows, chosen, column, token }: CursorProps) {
  if (chosen.position < 0) return null
  const x = chosen.position * column
  const row = chosen.module === null ? undefined : rows.rows[chosen.module]
  return (
    <g>
      <rect className="cursor" x={x - 0.5} y={STRIP.head - 4} width={column} height={rows.height + 8} />
      {row !== undefined && (
        <rect className="cursor cell" x={x - 0.5} y={STRIP.head + row.top - 2} width={column} height={STRIP.bar + 4} />
      )}
      <text
        className="m s chosen"
        transform={`translate(${x + column / 2 + 3} ${STRIP.head - 8}) rotate(${LABEL_ANGLE})`}
      >
        {shorten(token)}
      </text>
    </g>
  )
}

interface BeyondMarkProps {
  readonly position: number
  readonly label: string
  readonly column: number
  readonly end: number
  readonly bottom: number
}

/** Hatches the columns the run was never trained on. */
export function BeyondMark({ position, label, column, end, bottom }: BeyondMarkProps) {
  const id = useId()
  const x = position * column
  return (
    <g>
      <defs>
        <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className="beyond" width="6" height="6" />
          <line className="beyond" x1="3" x2="3" y2="6" />
        </pattern>
      </defs>
      <rect x={x} y={STRIP.head - 2} width={(end - position) * column} height={bottom + 4} fill={`url(#${id})`} />
      <path className="ax dotted" d={`M${x} ${STRIP.head - 4}v${bottom + 8}`} />
      <title>{label}</title>
    </g>
  )
}
