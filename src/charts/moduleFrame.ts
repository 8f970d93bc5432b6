import * as Plot from '@observablehq/plot'
import { kindMark } from '../ui/KindBadge.tsx'
import { isMlpPath, type ModuleRowInput, type ModuleRows, type PlacedRow, placeModuleRows } from './moduleRows.ts'

/** Room left of the bars: layer, badge, name. */
export const LABEL_WIDTH = 104
/** Room above the first row for a line of text. */
export const HEAD_HEIGHT = 18
const AXIS_HEIGHT = 44

/** Layers for which tokens.css holds a step of the ramp. */
const LAYER_STEPS = 4

/** Options every figure of modules shares; rows are placed in pixels, so y is left as it is. */
export function moduleFrame(width: number, marginRight: number, rows: ModuleRows<ModuleRowInput>): Plot.PlotOptions {
  return {
    width,
    height: HEAD_HEIGHT + rows.height + AXIS_HEIGHT,
    marginLeft: LABEL_WIDTH,
    marginRight,
    marginTop: HEAD_HEIGHT,
    marginBottom: AXIS_HEIGHT - 4,
    y: { type: 'identity', axis: null },
    color: { type: 'identity' },
    style: { background: 'none', overflow: 'visible' },
  }
}

/** Pixel of the frame at which a row's own pixel stands. */
export const rowY = (pixel: number): number => HEAD_HEIGHT + pixel

/** Grid and axis of shares in percents. */
export function percentAxis(label: string): Plot.Markish[] {
  const ticks = [0, 25, 50, 75, 100]
  return [
    Plot.gridX(ticks, { stroke: 'var(--chart-grid)', strokeOpacity: 1 }),
    Plot.axisX(ticks, { tickSize: 4, label, labelAnchor: 'center', labelArrow: 'none', labelOffset: 36 }),
  ]
}

/** Names of layers and modules left of x = `start`. */
export function moduleLabels(rows: ModuleRows<ModuleRowInput>, start: number): Plot.Markish[] {
  const depth = Math.max(1, ...rows.layers.map(({ layer }) => layer ?? 0))
  const x = () => start
  return [
    Plot.ruleX(rows.layers, {
      x,
      y1: ({ top }) => rowY(top),
      y2: ({ bottom }) => rowY(bottom),
      dx: 2 - LABEL_WIDTH,
      stroke: ({ layer }) => layerColor(layer, depth),
      strokeWidth: 3,
    }),
    Plot.text(rows.layers, {
      x,
      y: ({ top }) => rowY(top) + 6,
      dx: 10 - LABEL_WIDTH,
      text: ({ layer }) => (layer === null ? '–' : `L${layer}`),
      textAnchor: 'start',
      className: 's strong',
    }),
    Plot.dot(rows.rows, {
      x,
      y: ({ middle }) => rowY(middle),
      dx: 46 - LABEL_WIDTH,
      r: 7,
      symbol: ({ module }: PlacedRow<ModuleRowInput>) => (isMlpPath(module.path) ? 'square' : 'circle'),
      stroke: ({ module }) => kindMark(module.kind, module.path).color,
      strokeWidth: 1.5,
    }),
    Plot.text(rows.rows, {
      x,
      y: ({ middle }) => rowY(middle),
      dx: 46 - LABEL_WIDTH,
      text: ({ module }) => kindMark(module.kind, module.path).letter,
      className: 'badge-letter',
    }),
    Plot.text(rows.rows, {
      x,
      y: ({ middle }) => rowY(middle),
      dx: 59 - LABEL_WIDTH,
      text: ({ module }) => rowName(module),
      textAnchor: 'start',
    }),
  ]
}

/** What stands beside the badge: nothing where the letter says it all. */
function rowName({ kind, path }: ModuleRowInput): string {
  const name = kind.replace(/_proj$/, '')
  return name === kindMark(kind, path).letter ? '' : name
}

/** Colour of a layer on the slate ramp, interpolated where a model has more layers than steps. */
export function layerColor(layer: number | null, deepest: number): string {
  if (layer === null) return 'var(--layer-0)'
  const place = (layer / Math.max(deepest, 1)) * (LAYER_STEPS - 1)
  const below = Math.floor(place)
  const share = Math.round((place - below) * 100)
  return share === 0
    ? `var(--layer-${below})`
    : `color-mix(in oklab, var(--layer-${below + 1}) ${share}%, var(--layer-${below}))`
}

/** Height of a figure of these modules, in pixels. */
export function moduleFigureHeight(modules: readonly ModuleRowInput[]): number {
  return HEAD_HEIGHT + placeModuleRows(modules).height + AXIS_HEIGHT
}
