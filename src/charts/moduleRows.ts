/** What figures of modules know of one module: a row. */
export interface ModuleRowInput {
  readonly path: string
  readonly layer: number | null
  readonly kind: string
}

/** Where a module's row stands, in pixels from the top of the first. */
export interface PlacedRow<Module extends ModuleRowInput> {
  readonly module: Module
  readonly top: number
  readonly bottom: number
  readonly middle: number
}

/** A run of rows of one layer. */
export interface LayerSpan {
  readonly layer: number | null
  readonly top: number
  readonly bottom: number
}

export interface ModuleRows<Module extends ModuleRowInput> {
  readonly rows: readonly PlacedRow<Module>[]
  readonly layers: readonly LayerSpan[]
  readonly height: number
}

const BAR = 12
const PITCH = 19
/** Between attention and MLP, and between layers. */
const GROUP_GAP = 4
const LAYER_GAP = 10

/** Rows of modules in the run's order, a gap where attention ends and a wider one between layers; sizes in pixels. */
export function placeModuleRows<Module extends ModuleRowInput>(
  modules: readonly Module[],
  { bar = BAR, pitch = PITCH }: { readonly bar?: number; readonly pitch?: number } = {},
): ModuleRows<Module> {
  const rows: PlacedRow<Module>[] = []
  const layers: LayerSpan[] = []
  let top = 0
  for (const [i, module] of modules.entries()) {
    const before = modules[i - 1]
    if (before !== undefined) top += pitch + gapBetween(before, module)
    const bottom = top + bar
    rows.push({ module, top, bottom, middle: (top + bottom) / 2 })
    const span = layers.at(-1)
    if (span === undefined || before?.layer !== module.layer) layers.push({ layer: module.layer, top, bottom })
    else layers[layers.length - 1] = { ...span, bottom }
  }
  return { rows, layers, height: rows.at(-1)?.bottom ?? 0 }
}

/** Whether a module belongs to the MLP of its block, by its path. */
export function isMlpPath(path: string): boolean {
  return /(^|\.)mlp\./.test(path)
}

function gapBetween(above: ModuleRowInput, below: ModuleRowInput): number {
  if (above.layer !== below.layer) return LAYER_GAP
  return isMlpPath(above.path) === isMlpPath(below.path) ? 0 : GROUP_GAP
}
