import { useEffect, useId, useRef, useState } from 'react'
import { formatCsv, type Table } from '../../core/tables/formatTable.ts'
import { CSV_TYPE, saveFile } from '../ui/saveFile.ts'
import { exportSvg, type FigureCaption, rasterise } from './exportSvg.ts'
import { followHref } from './followHref.ts'
import { FigureKey } from './keys.tsx'
import { NumbersTable } from './NumbersTable.tsx'

interface FigureProps extends FigureCaption {
  /** Draws at a width in pixels. */
  readonly draw: (width: number) => Element
  /** Changes whenever `draw` would draw something else. */
  readonly drawKey: string
  /** Height before the first drawing, in pixels, so that nothing moves. */
  readonly height: number
  readonly minWidth?: number
  /** The numbers drawn. */
  readonly numbers: Table
  /** Base name of exported files. */
  readonly fileName: string
  /** What a reader may do with the drawing; not part of it. */
  readonly hint?: string
}

/** A drawing with its finding as title; one tab stop, with its numbers as a table and as files. */
export function Figure(props: FigureProps) {
  const { draw, drawKey, height, minWidth = 0, numbers, fileName, swatches = [], hint } = props
  const caption = { title: props.title, subtitle: props.subtitle, provenance: props.provenance, swatches }
  const plot = useRef<HTMLDivElement>(null)
  const width = useWidth(plot, minWidth)
  const [isNumbersShown, setIsNumbersShown] = useState(false)
  const titleId = useId()

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawKey stands for what `draw` draws
  useEffect(() => {
    if (width === 0) return
    // A task of its own, so that several figures do not hold up the page at once.
    const task = setTimeout(() => {
      const drawing = draw(width)
      drawing.setAttribute('aria-hidden', 'true')
      replaceLinks(drawing)
      plot.current?.replaceChildren(drawing)
    })
    return () => clearTimeout(task)
  }, [drawKey, width])

  useEffect(() => {
    const { current } = plot
    current?.addEventListener('click', followMark)
    return () => current?.removeEventListener('click', followMark)
  }, [])

  return (
    <figure>
      <div className="row between figure-head">
        <figcaption>
          <h2 id={titleId}>{caption.title}</h2>
          <p>
            {caption.subtitle} {hint}
          </p>
        </figcaption>
        <FigureExports
          caption={caption}
          numbers={numbers}
          fileName={fileName}
          drawing={() => plot.current?.querySelector('svg') ?? null}
        />
      </div>
      {swatches.length > 0 && <FigureKey swatches={swatches} />}
      <div
        className="plot"
        role="img"
        aria-labelledby={titleId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the one stop of a figure, and how it is scrolled by keys
        tabIndex={0}
        ref={plot}
        style={{ minHeight: height }}
      />
      <button
        className="link export"
        type="button"
        aria-expanded={isNumbersShown}
        onClick={() => setIsNumbersShown(!isNumbersShown)}
      >
        {isNumbersShown ? 'Hide the numbers' : 'Numbers as a table'}
      </button>
      {isNumbersShown && <NumbersTable table={numbers} caption={caption.title} />}
    </figure>
  )
}

/** Attribute of a mark that leads somewhere when chosen with the pointer. */
const HREF = 'data-href'

/** Turns links around marks into plain groups that `followMark` knows: a figure is one stop, not one a mark. */
function replaceLinks(drawing: Element): void {
  for (const link of drawing.querySelectorAll('a')) {
    const group = document.createElementNS('http://www.w3.org/2000/svg', 'g')
    group.setAttribute(HREF, link.getAttribute('href') ?? link.getAttribute('xlink:href') ?? '')
    group.append(...link.childNodes)
    link.replaceWith(group)
  }
}

function followMark(event: MouseEvent): void {
  const mark = event.target instanceof Element ? event.target.closest(`[${HREF}]`) : null
  const href = mark?.getAttribute(HREF)
  if (href !== null && href !== undefined) followHref(href, event)
}

interface FigureExportsProps {
  readonly caption: FigureCaption
  readonly numbers: Table
  readonly fileName: string
  readonly drawing: () => SVGSVGElement | null
}

/** Saves a figure as SVG, PNG and CSV. */
export function FigureExports({ caption, numbers, fileName, drawing }: FigureExportsProps) {
  const withSvg = (use: (svg: string) => void) => {
    const element = drawing()
    if (element !== null) use(exportSvg(element, caption))
  }
  const savePng = async (svg: string) => saveFile(`${fileName}.png`, await rasterise(svg))
  return (
    <span className="export">
      <button
        className="link"
        type="button"
        aria-label={`Save figure as SVG: ${caption.title}`}
        onClick={() => withSvg((svg) => saveFile(`${fileName}.svg`, svg, 'image/svg+xml'))}
      >
        SVG
      </button>
      {' · '}
      <button
        className="link"
        type="button"
        aria-label={`Save figure as PNG: ${caption.title}`}
        onClick={() => withSvg((svg) => void savePng(svg))}
      >
        PNG
      </button>
      {' · '}
      <button
        className="link"
        type="button"
        aria-label={`Save numbers as CSV: ${caption.title}`}
        onClick={() => saveFile(`${fileName}.csv`, formatCsv(numbers), CSV_TYPE)}
      >
        CSV
      </button>
    </span>
  )
}

/** Width of an element in whole pixels, at least `minWidth`; 0 before it is known. */
function useWidth(element: React.RefObject<HTMLElement | null>, minWidth: number): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const { current } = element
    if (current === null) return
    const observer = new ResizeObserver(() => setWidth(Math.max(minWidth, Math.floor(current.clientWidth))))
    observer.observe(current)
    return () => observer.disconnect()
  }, [element, minWidth])
  return width
}
