import { invariant } from '../errors/invariant.ts'
import { PRODUCT_PORTS } from '../graph/buildProductGraph.ts'
import type { GraphTensor, InferenceSession } from '../graph/InferenceSession.ts'
import { causalImportancePort, innerActivationPort } from '../graph/ports.ts'
import type { BatchLayout } from '../statistics/BatchLayout.ts'
import type { ColumnBlock } from './ColumnBlock.ts'
import { columnsOfRows } from './columnsOfRows.ts'
import type { ScanColumns } from './createColumnScan.ts'
import { floatOutput } from './floatOutput.ts'

export type Outputs = Readonly<Record<string, GraphTensor>>

/** All columns of one module over a batch, of what a session gave for it; a block is used before the next is asked for. */
export type ReadColumns = (layout: BatchLayout, outputs: Outputs) => AsyncIterable<ColumnBlock> | Iterable<ColumnBlock>

/** Numbers of a block: 2 MB, which stay in a processor's second cache until they are scanned. */
const BLOCK_NUMBERS = 2 ** 19

/** Columns of a module of which the graphs hold nothing. */
export const noColumns: ReadColumns = () => []

/** Columns of a module whose inner activations and causal importances the session gives, [B, T, columns]. */
export function columnsOfGraph(path: string, columnCount: number): ReadColumns {
  return (layout, outputs) => {
    const causalImportances = floatOutput(outputs, causalImportancePort(path))
    const innerActivations = floatOutput(outputs, innerActivationPort(path))
    return [columnsOfRows({ causalImportances, innerActivations }, layout, columnCount)]
  }
}

/** A module whose causal importances are had from its inner activations alone. */
export interface ScannedModule {
  readonly columnCount: number
  /** Vᵀ, float32[columns, d_in]. */
  readonly readVectors: Float32Array
  readonly scan: ScanColumns
}

/** Columns of a module whose input the session gives as `input`, float32[B, T, d_in]; `product` is on buildProductGraph. */
export function columnsOfProduct(
  { columnCount, readVectors, scan }: ScannedModule,
  input: string,
  product: InferenceSession,
): ReadColumns {
  const width = readVectors.length / columnCount
  return async function* (layout, outputs) {
    const data = withoutPadding(floatOutput(outputs, input), width, layout)
    const moduleInput: GraphTensor = { type: 'float32', data, dims: [layout.rowCount, width] }
    for (const [first, count] of blocksOf(columnCount, layout)) {
      const vectors = readVectors.subarray(first * width, (first + count) * width)
      const made = await product.run({
        [PRODUCT_PORTS.readVectors]: { type: 'float32', data: vectors, dims: [count, width] },
        [PRODUCT_PORTS.moduleInput]: moduleInput,
      })
      yield scan(floatOutput(made, PRODUCT_PORTS.product), first, count, layout)
    }
  }
}

/** Columns of an embedding, whose inner activations are numbers of V at the token ids. */
export function columnsOfLookup({ columnCount, readVectors, scan }: ScannedModule): ReadColumns {
  const width = readVectors.length / columnCount
  return function* (layout) {
    const { rowCount, tokenIds } = layout
    for (const [first, count] of blocksOf(columnCount, layout)) {
      const innerActivations = new Float32Array(count * rowCount)
      for (let i = 0; i < count; i++) {
        const vector = readVectors.subarray((first + i) * width, (first + i + 1) * width)
        for (let row = 0; row < rowCount; row++) innerActivations[i * rowCount + row] = vector[tokenIds[row] ?? 0] ?? 0
      }
      yield scan(innerActivations, first, count, layout)
    }
  }
}

function* blocksOf(columnCount: number, { rowCount }: BatchLayout): Generator<[first: number, count: number]> {
  const size = Math.max(1, Math.floor(BLOCK_NUMBERS / rowCount))
  for (let first = 0; first < columnCount; first += size) yield [first, Math.min(size, columnCount - first)]
}

/** x float32[rows, width] of a padded batch's x float32[B, T, width], padding left out. */
function withoutPadding(x: Float32Array, width: number, layout: BatchLayout): Float32Array {
  const { B, T, rowCount, paddedRows, lengths } = layout
  invariant(x.length === B * T * width, `${x.length} numbers of a module's input, expected ${B} × ${T} × ${width}`)
  const rows = new Float32Array(rowCount * width)
  for (let row = 0; row < rowCount; row += lengths[row] ?? 1) {
    const first = (paddedRows[row] ?? 0) * width
    rows.set(x.subarray(first, first + (lengths[row] ?? 0) * width), row * width)
  }
  return rows
}
