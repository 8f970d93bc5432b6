import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  type UIEvent,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react'
import { cellAfterKey, columnWidth, STRIP, type StripCell } from './heatStripLayout.ts'
import { type ModuleRowInput, placeModuleRows } from './moduleRows.ts'
import {
  Bars,
  BeyondMark,
  Cursor,
  EffectBars,
  LABEL_WIDTH,
  PositionAxis,
  RowLabels,
  type StripEffect,
  TokenLabels,
} from './stripMarks.tsx'
import { useWidth } from './useWidth.ts'
import './heatStrip.css'

/** The last token's label leans over. */
const RIGHT_MARGIN = 20

interface HeatStripProps {
  readonly label: string
  readonly modules: readonly ModuleRowInput[]
  readonly tokens: readonly string[]
  /** [modules, tokens] */
  readonly counts: Uint16Array
  /** Count of a full bar. */
  readonly ceiling: number
  /** Position −1 where none is chosen. */
  readonly chosen: StripCell
  /** Position from which the story is longer than what the run was trained on; null where it is not. */
  readonly beyond: { readonly position: number; readonly label: string } | null
  readonly effect: StripEffect | null
  readonly onChoose: (cell: StripCell) => void
  readonly onPoint: (cell: StripCell | null) => void
  /** The drawing, for export. */
  readonly drawing: RefObject<SVGSVGElement | null>
}

/** Number of active subcomponents by module and token; one stop for the keyboard, arrows move the chosen cell. */
export function HeatStrip(props: HeatStripProps) {
  const { modules, tokens, counts, ceiling, chosen, beyond, effect, onChoose, onPoint, drawing } = props
  const [width, measure] = useWidth()
  const column = columnWidth(tokens.length, width - LABEL_WIDTH - RIGHT_MARGIN)
  const rows = useMemo(() => placeModuleRows(modules, { bar: STRIP.bar, pitch: STRIP.pitch }), [modules])
  const height = STRIP.head + rows.height + (effect === null ? 4 : STRIP.effectGap + STRIP.effectHeight) + STRIP.foot
  const scroll = useChosenInView(chosen.position, column, width - LABEL_WIDTH)

  const cellAt = ({ clientX, clientY, currentTarget }: MouseEvent<SVGSVGElement>): StripCell | null => {
    const { left, top: head } = currentTarget.getBoundingClientRect()
    const position = Math.floor((clientX - left - LABEL_WIDTH) / column)
    const y = clientY - head - STRIP.head
    const module = rows.rows.findIndex(({ top }) => y >= top - 1 && y < top + STRIP.pitch - 1)
    return position < 0 || position >= tokens.length ? null : { position, module: module === -1 ? null : module }
  }
  const onClick = (event: MouseEvent<SVGSVGElement>) => {
    const cell = cellAt(event)
    if (cell !== null) onChoose(cell)
  }

  const onKeyDown = useArrowKeys(props)
  const labels = <RowLabels rows={rows} chosen={chosen.module} effect={effect} />

  return (
    <div ref={measure}>
      <div
        className="strip"
        {...scroll}
        role="application"
        aria-roledescription="heat strip"
        aria-label={props.label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the one stop of this figure
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <svg className="held" width={LABEL_WIDTH} height={height} aria-hidden="true">
          {labels}
        </svg>
        <svg
          ref={drawing}
          width={LABEL_WIDTH + column * tokens.length + RIGHT_MARGIN}
          height={height}
          aria-hidden="true"
          onClick={onClick}
          onPointerMove={(event) => onPoint(cellAt(event))}
          onPointerLeave={() => onPoint(null)}
        >
          {labels}
          {width > 0 && (
            <g transform={`translate(${LABEL_WIDTH} 0)`}>
              {beyond !== null && <BeyondMark {...beyond} column={column} end={tokens.length} bottom={rows.height} />}
              <TokenLabels tokens={tokens} column={column} />
              <Bars rows={rows} counts={counts} columnCount={tokens.length} column={column} ceiling={ceiling} />
              {effect !== null && <EffectBars effect={effect} column={column} top={STRIP.head + rows.height} />}
              <PositionAxis last={tokens.length - 1} column={column} y={height - 9} />
              <Cursor rows={rows} chosen={chosen} column={column} token={tokens[chosen.position] ?? ''} />
            </g>
          )}
        </svg>
      </div>
    </div>
  )
}

function useArrowKeys({ chosen, tokens, modules, onChoose }: HeatStripProps) {
  return (event: KeyboardEvent) => {
    const size = { positions: tokens.length, modules: modules.length }
    const cell = event.ctrlKey || event.metaKey || event.altKey ? null : cellAfterKey(event.key, chosen, size)
    if (cell === null) return
    event.preventDefault()
    onChoose(cell)
  }
}

/**
 * Scrolls sideways, and only as far as needed, when another column is chosen or columns change their width. What is in
 * view is remembered from scrolling: asking the element would lay the page out on every key.
 */
function useChosenInView(position: number, column: number, visible: number) {
  const ref = useRef<HTMLDivElement>(null)
  const scrolled = useRef(0)
  useLayoutEffect(() => {
    const left = position * column
    const isInView = left >= scrolled.current && left + column <= scrolled.current + visible
    if (ref.current === null || visible <= 0 || isInView) return
    ref.current.scrollLeft = left - visible / 2
    scrolled.current = ref.current.scrollLeft
  }, [position, column, visible])
  const onScroll = ({ currentTarget }: UIEvent<HTMLDivElement>) => {
    scrolled.current = currentTarget.scrollLeft
  }
  return { ref, onScroll }
}
