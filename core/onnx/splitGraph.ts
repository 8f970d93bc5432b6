import { createProductFinder } from './createProductFinder.ts'
import { exposeValues, valueInfo } from './exposeValues.ts'
import { readModel, rewriteModel } from './model.ts'
import { pruneGraph } from './pruneGraph.ts'

/** A graph in two: what leads to one value, and what makes an output of that value alone. */
export interface SplitGraph {
  /** The outputs kept and `cut`. */
  readonly body: Uint8Array<ArrayBuffer>
  /** Takes `cut`, float32[1, rows, width], and gives the output. */
  readonly head: Uint8Array<ArrayBuffer>
  /** Name of the value between. */
  readonly cut: string
}

/**
 * Cuts a graph before the matrix product that `output` ends in, so that it need not be computed for every row: `body`
 * gives `kept` and the product's argument. Refuses an output that ends in no product with a constant (format/unsupported).
 */
export function splitGraph(bytes: Uint8Array, output: string, kept: readonly string[]): SplitGraph {
  const cut = createProductFinder(bytes)(output)
  const body = pruneGraph(exposeValues(bytes, [cut]), [...kept, cut])
  const { model, graph } = readModel(bytes, 'graph')
  graph.input = [valueInfo(cut)]
  graph.node = graph.node.filter(({ output: made }) => !made.includes(cut))
  return { body, head: pruneGraph(rewriteModel(model), [output]), cut }
}
