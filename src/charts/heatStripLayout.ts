/** Sizes of a heat strip in pixels. Columns are positions of a story, rows are modules. */
export const STRIP = {
  /** Above the rows: token labels. */
  head: 76,
  /** Of a full bar. */
  bar: 13,
  /** From row to row. */
  pitch: 15,
  /** Between the rows and the plot of effects, its title included. */
  effectGap: 30,
  effectHeight: 44,
  /** Under everything: the position axis. */
  foot: 26,
} as const

/** Steps of tone a count is drawn in. */
export const TONES = 5

const WIDEST_COLUMN = 27
/** Narrower, and neighbouring token labels would overlap. */
const NARROWEST_COLUMN = 15
const COLUMN_GAP = 2

/** Width of a column such that `columnCount` of them fill `available` pixels, or scroll where they cannot. */
export function columnWidth(columnCount: number, available: number): number {
  const fitting = Math.floor(available / Math.max(columnCount, 1))
  return Math.max(NARROWEST_COLUMN, Math.min(WIDEST_COLUMN, fitting))
}

/** Full bars worth choosing from, times a power of ten; all are multiples of the tones. */
const CEILINGS = [10, 15, 20, 25, 30, 40, 50, 60, 75]

/** The smallest round number that is not below `count`, at least 5: a scale that seldom moves while a story is typed. */
export function countCeiling(count: number): number {
  if (count <= 5) return 5
  for (let decade = 1; ; decade *= 10) {
    for (const ceiling of CEILINGS) if (ceiling * decade >= count) return ceiling * decade
  }
}

/** Step of tone of `count`, 0 for none, 1 to TONES, the last from 4/5 of the ceiling on. */
export function toneOf(count: number, ceiling: number): number {
  return Math.min(TONES, Math.ceil((TONES * count) / ceiling))
}

/** Where rows of bars stand, top pixels of each row. */
export interface StripBars {
  /** Counts, row by row, `columnCount` each. */
  readonly counts: ArrayLike<number>
  readonly columnCount: number
  readonly rowTops: readonly number[]
  readonly columnWidth: number
  readonly ceiling: number
}

/** Outlines of all bars as one SVG path a tone, so that a strip of any length is five elements. */
export function barPaths({ counts, columnCount, rowTops, columnWidth, ceiling }: StripBars): readonly string[] {
  const parts: string[][] = Array.from({ length: TONES }, () => [])
  const width = columnWidth - COLUMN_GAP
  for (const [row, top] of rowTops.entries()) {
    for (let column = 0; column < columnCount; column++) {
      const count = counts[row * columnCount + column] ?? 0
      if (count === 0) continue
      const height = Math.max(0.75, roundTo(STRIP.bar * Math.min(1, count / ceiling)))
      const path = `M${column * columnWidth + 1} ${roundTo(top + STRIP.bar - height)}h${width}v${height}h-${width}z`
      parts[toneOf(count, ceiling) - 1]?.push(path)
    }
  }
  return parts.map((part) => part.join(''))
}

const roundTo = (pixels: number): number => Math.round(pixels * 100) / 100

/** Positions whose effect is worth a number: at most `limit`, largest first, none close to a larger one. */
export function labelledEffects(effects: ArrayLike<number>, limit: number, minDistance: number): readonly number[] {
  const positions = Array.from({ length: effects.length }, (_, position) => position)
  const largest = positions.reduce((max, position) => Math.max(max, effects[position] ?? 0), 0)
  const chosen: number[] = []
  for (const position of positions.sort((a, b) => (effects[b] ?? 0) - (effects[a] ?? 0) || a - b)) {
    if (chosen.length === limit || (effects[position] ?? 0) <= largest / 4) break
    if (chosen.every((other) => Math.abs(other - position) >= minDistance)) chosen.push(position)
  }
  return chosen
}

/** A token, or one module at a token. */
export interface StripCell {
  readonly position: number
  /** Index of the module; null for all. */
  readonly module: number | null
}

/** Positions Page Up and Page Down move by. */
const PAGE = 16

/** The cell a key moves to from `cell`, within a strip of this size; null where the key moves nothing. */
export function cellAfterKey(
  key: string,
  { position, module }: StripCell,
  size: { readonly positions: number; readonly modules: number },
): StripCell | null {
  const at = (next: number): StripCell => ({ position: Math.max(0, Math.min(size.positions - 1, next)), module })
  switch (key) {
    case 'ArrowLeft':
      return at(position - 1)
    case 'ArrowRight':
      return at(position + 1)
    case 'PageUp':
      return at(position - PAGE)
    case 'PageDown':
      return at(position + PAGE)
    case 'Home':
      return at(0)
    case 'End':
      return at(size.positions - 1)
    case 'ArrowDown':
      return { position, module: module === null ? 0 : Math.min(module + 1, size.modules - 1) }
    case 'ArrowUp':
      return { position, module: module === null || module === 0 ? null : module - 1 }
    case 'Escape':
      return module === null ? null : { position, module: null }
    default:
      return null
  }
}
