import * as Plot from '@observablehq/plot'
import { SPECIALISATION_CLASSES, type SubcomponentClass } from '../../core/statistics/subcomponentClass.ts'
import { CLASS_BANDS, CLASS_LABELS, classStep } from '../ui/ClassGlyph.tsx'
import { formatAxisCount, formatCount } from '../ui/formatNumber.ts'
import { decades } from './drawMedians.ts'
import { followHref } from './followHref.ts'

/** An active subcomponent. */
export interface BreadthPoint {
  readonly subcomponent: number
  readonly activationCount: number
  readonly uniqueTokens: number
  readonly class: SubcomponentClass
  /** A few words for the tip, its top tokens. */
  readonly gist: string
}

interface BreadthOptions {
  readonly width: number
  /** Most positions a subcomponent can be active at: those of the corpus. Both axes are so the same for every module. */
  readonly positions: number
  /** Most tokens it can be active on. */
  readonly distinctTokens: number
  readonly hrefOf: (subcomponent: number) => string
}

const HEIGHT = 376
const AXIS_HEIGHT = 46
const MARGIN_LEFT = 56
const MARGIN_TOP = 12
/** Below this width the classes are named by their band alone. */
const NARROW = 640
/** Lowest unique tokens of the plot: the row of those with one token stands clear of the axis. */
const LOWEST = 0.62
/** Ends of the ticks around one unique token. */
const TICK_ENDS = { y1: () => 0.86, y2: () => 1.16 }
const LABEL_COUNT = 8
/** Marks within this factor of the greatest count have no room for a number to their right. */
const END_OF_AXIS = 2
/** Pixels between two labels that may both stand. */
const LABEL_ROOM = { x: 64, y: 14 }

/** Unique tokens against activation count, both on log scales, classes as bands; a click on a mark leads to `hrefOf` its subcomponent. */
export function drawBreadth(points: readonly BreadthPoint[], options: BreadthOptions): Element {
  const { width, positions, distinctTokens } = options
  const isNarrow = width < NARROW
  const xTicks = decades(positions).filter((tick) => tick <= positions)
  const yTicks = decades(distinctTokens).filter((tick) => tick <= distinctTokens)
  const plot = {
    width,
    marginRight: isNarrow ? 64 : 160,
    xMax: Math.max(positions, 10),
    yMax: Math.max(distinctTokens * 1.3, 200),
  }
  const drawing = Plot.plot({
    width,
    height: HEIGHT,
    marginLeft: MARGIN_LEFT,
    marginRight: plot.marginRight,
    marginTop: MARGIN_TOP,
    marginBottom: AXIS_HEIGHT,
    x: { type: 'log', domain: [0.9, plot.xMax] },
    y: { type: 'log', domain: [LOWEST, plot.yMax] },
    color: { type: 'identity' },
    style: { background: 'none', overflow: 'visible' },
    marks: [
      ...axes(isNarrow ? xTicks.filter((_, i) => i % 2 === 0) : xTicks, yTicks),
      ...classBands(points, plot.xMax, plot.yMax, isNarrow),
      ...pointMarks(points),
      ...pointLabels(chooseLabels(points, plot), plot.xMax),
      Plot.tip(
        points,
        Plot.pointer({
          x: 'activationCount',
          y: 'uniqueTokens',
          title: describePoint,
          fill: 'var(--paper)',
          stroke: 'var(--rule-2)',
          fontSize: 12,
          maxRadius: 24,
        }),
      ),
    ],
  })
  openOnClick(drawing, options.hrefOf)
  return drawing
}

/** Ticks for subcomponents of one token, dots for the others. */
function pointMarks(points: readonly BreadthPoint[]): Plot.Markish[] {
  const single = points.filter(({ uniqueTokens }) => uniqueTokens === 1)
  const several = points.filter(({ uniqueTokens }) => uniqueTokens > 1)
  return [
    Plot.ruleX(single, {
      x: 'activationCount',
      ...TICK_ENDS,
      stroke: ({ class: name }: BreadthPoint) => `var(--class-${classStep(name)})`,
      strokeWidth: 1.5,
    }),
    Plot.dot(several, {
      x: 'activationCount',
      y: 'uniqueTokens',
      r: 3.5,
      fill: ({ class: name }: BreadthPoint) => `var(--class-${classStep(name)})`,
      stroke: 'var(--ink-2)',
      strokeWidth: 0.7,
    }),
  ]
}

/** Numbers right of their marks, or left of those that stand at the end of the axis. */
function pointLabels(points: readonly BreadthPoint[], xMax: number): Plot.Markish[] {
  const isAtEnd = ({ activationCount }: BreadthPoint) => activationCount > xMax / END_OF_AXIS
  const label = {
    x: 'activationCount',
    y: 'uniqueTokens',
    text: ({ subcomponent }: BreadthPoint) => String(subcomponent),
    className: 'm s',
  } as const
  return [
    Plot.text(
      points.filter((point) => !isAtEnd(point)),
      { ...label, dx: 8, textAnchor: 'start' },
    ),
    Plot.text(points.filter(isAtEnd), { ...label, dx: -8, textAnchor: 'end' }),
  ]
}

/** The mark nearest to the pointer, which the tip describes, opens on a click: no need to hit it. */
function openOnClick(drawing: SVGSVGElement | HTMLElement, hrefOf: (subcomponent: number) => string): void {
  let pointed: BreadthPoint | null = null
  drawing.addEventListener('input', () => {
    // Plot writes the pointed datum there.
    pointed = (drawing as { value?: BreadthPoint | null }).value ?? null
    drawing.style.cursor = pointed === null ? '' : 'pointer'
  })
  drawing.addEventListener('click', (event) => {
    if (pointed !== null && event instanceof MouseEvent) followHref(hrefOf(pointed.subcomponent), event)
  })
}

function describePoint({ subcomponent, activationCount, uniqueTokens, gist }: BreadthPoint): string {
  const tokens = uniqueTokens === 1 ? '1 unique token' : `${formatCount(uniqueTokens)} unique tokens`
  return `${subcomponent}\n${formatCount(activationCount)} activations, ${tokens}\n${gist}`
}

function axes(xTicks: readonly number[], yTicks: readonly number[]): Plot.Markish[] {
  const axis = { tickSize: 4, tickFormat: formatAxisCount, labelAnchor: 'center', labelArrow: 'none' } as const
  return [
    Plot.axisX(xTicks, { ...axis, label: 'activation count (positions, log scale)', labelOffset: 38 }),
    Plot.axisY(yTicks, { ...axis, label: 'unique tokens (log scale)', labelOffset: 48 }),
    Plot.ruleX([0.9], { stroke: 'var(--chart-axis)' }),
    Plot.ruleY([LOWEST], { stroke: 'var(--chart-axis)' }),
  ]
}

interface ClassBand {
  readonly name: SubcomponentClass
  readonly start: number
  readonly end: number
  readonly middle: number
  readonly count: number
}

/** A bar and a name right of the plot for each class, and dotted lines where one ends. */
function classBands(points: readonly BreadthPoint[], xMax: number, yMax: number, isNarrow: boolean): Plot.Markish[] {
  const x = () => xMax
  const bands: readonly ClassBand[] = SPECIALISATION_CLASSES.map(({ name, maxUniqueTokens }, i) => {
    const below = SPECIALISATION_CLASSES[i - 1]?.maxUniqueTokens
    const start = below === undefined ? LOWEST : Math.sqrt(below * (below + 1))
    const end = Number.isFinite(maxUniqueTokens) ? Math.sqrt(maxUniqueTokens * (maxUniqueTokens + 1)) : yMax
    const count = points.filter((point) => point.class === name).length
    return { name, start, end, middle: Math.sqrt(start * end), count }
  })
  const share = (count: number) => `${formatCount(count)} of ${formatCount(points.length)}`
  return [
    Plot.ruleY(bands.slice(1), { y: 'start', stroke: 'var(--chart-grid)', strokeDasharray: '2 3' }),
    Plot.ruleX(bands, {
      x,
      y1: 'start',
      y2: 'end',
      dx: 8,
      insetTop: 1,
      insetBottom: 1,
      stroke: ({ name }) => `var(--class-${classStep(name)})`,
      strokeWidth: 5,
    }),
    Plot.text(bands, {
      x,
      y: 'middle',
      dx: 18,
      dy: isNarrow ? 0 : -7,
      textAnchor: 'start',
      text: ({ name }: ClassBand) => (isNarrow ? CLASS_BANDS[name] : CLASS_LABELS[name]),
      className: 's',
    }),
    ...(isNarrow
      ? []
      : [
          Plot.text(bands, {
            x,
            y: 'middle',
            dx: 18,
            dy: 7,
            textAnchor: 'start',
            text: ({ name, count }: ClassBand) => `${CLASS_BANDS[name]} · ${share(count)}`,
            className: 'd',
          }),
        ]),
  ]
}

/** The broadest and the most active subcomponents, as many as can be named without their names meeting. */
export function chooseLabels(
  points: readonly BreadthPoint[],
  plot: { readonly width: number; readonly marginRight: number; readonly xMax: number; readonly yMax: number },
): BreadthPoint[] {
  const pixels = (point: BreadthPoint) => ({
    x: (Math.log(point.activationCount) / Math.log(plot.xMax)) * (plot.width - MARGIN_LEFT - plot.marginRight),
    y: (Math.log(point.uniqueTokens) / Math.log(plot.yMax)) * (HEIGHT - MARGIN_TOP - AXIS_HEIGHT),
  })
  const isApart = (a: BreadthPoint, b: BreadthPoint) => {
    const [p, q] = [pixels(a), pixels(b)]
    return Math.abs(p.x - q.x) > LABEL_ROOM.x || Math.abs(p.y - q.y) > LABEL_ROOM.y
  }
  const several = points.filter(({ uniqueTokens }) => uniqueTokens > 1)
  const chosen: BreadthPoint[] = []
  for (const candidate of several.toSorted((a, b) => standsOut(b) - standsOut(a))) {
    if (chosen.length === LABEL_COUNT) break
    // Among its neighbours a name would point at several marks.
    const neighbours = several.filter((other) => other !== candidate && !isApart(candidate, other))
    if (neighbours.length === 0) chosen.push(candidate)
  }
  return chosen
}

/** How far a subcomponent lies from the crowd: many firings on few tokens, or few firings on many. */
function standsOut({ activationCount, uniqueTokens }: BreadthPoint): number {
  return Math.abs(Math.log(activationCount) - Math.log(uniqueTokens)) + Math.log(uniqueTokens)
}
