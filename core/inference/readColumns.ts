import { invariant } from '../errors/invariant.ts'
import { PRODUCT_PORTS } from '../graph/buildProductGraph.ts'
import type { GraphTensor, InferenceSession } from '../graph/InferenceSession.ts'
import { causalImportancePort, innerActivationPort } from '../graph/ports.ts'
import type { BatchLayout } from '../statistics/BatchLayout.ts'
import type { ColumnBlock } from './ColumnBlock.ts'
import { columnsOfRows } from './columnsOfRows.ts'
import type { ScalarCiFunction } from './createScalarCiFunction.ts'
import { floatOutput } from './floatOutput.ts'
import { rowsOf } from './rowsOf.ts'

export type Outputs = Readonly<Record<string, GraphTensor>>

/** All columns of one module over a batch, of what a session gave for it; a block is used before the next is asked for. */
export type ReadColumns = (layout: BatchLayout, outputs: Outputs) => AsyncIterable<ColumnBlock> | Iterable<ColumnBlock>

/** Numbers of a block: 2 MB, which stay in a processor's second cache until they are scanned. */
const BLOCK_NUMBERS = 2 ** 19
/** More than a product and a sum in float32 are each off by, as a share of their size. */
const FLOAT32_ROUNDING = 2 ** -22

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
  readonly ciFunction: Pick<ScalarCiFunction, 'scanColumns' | 'reaches'>
}

/**
 * Columns of a module whose input the session gives as `input`, float32[B, T, d_in]; `product` is on buildProductGraph.
 * |h| is at most ‖x‖ ‖V[:, c]‖: a subcomponent whose CI is certainly 0 so far is looked at in sampled rows only.
 */
export function columnsOfProduct(
  { columnCount, readVectors, ciFunction }: ScannedModule,
  input: string,
  product: InferenceSession,
): ReadColumns {
  const width = readVectors.length / columnCount
  const safeNorms = safeInputNorms(readVectors, width, ciFunction.reaches)
  const activationsOf = async (columns: Uint32Array, x: Float32Array, rowCount: number): Promise<Float32Array> => {
    const made = await product.run({
      [PRODUCT_PORTS.readVectors]: {
        type: 'float32',
        data: rowsOf(readVectors, columns, width),
        dims: [columns.length, width],
      },
      [PRODUCT_PORTS.moduleInput]: { type: 'float32', data: x, dims: [rowCount, width] },
    })
    return floatOutput(made, PRODUCT_PORTS.product)
  }
  return async function* (layout, outputs) {
    const x = withoutPadding(floatOutput(outputs, input), width, layout)
    const { safe, unsafe } = splitBySafety(safeNorms, greatestNorm(x, width))
    for (const columns of blocksOf(unsafe, layout.rowCount)) {
      yield ciFunction.scanColumns(await activationsOf(columns, x, layout.rowCount), columns, layout)
    }
    const { sampledRows } = layout
    if (sampledRows.length === 0) return
    const sampledInput = rowsOf(x, sampledRows, width)
    for (const columns of blocksOf(safe, sampledRows.length)) {
      yield noneActive(columns, await activationsOf(columns, sampledInput, sampledRows.length))
    }
  }
}

/** Columns of an embedding, whose inner activations are numbers of V at the token ids. */
export function columnsOfLookup({ columnCount, readVectors, ciFunction }: ScannedModule): ReadColumns {
  const width = readVectors.length / columnCount
  const all = Uint32Array.from({ length: columnCount }, (_, column) => column)
  return function* (layout) {
    const { rowCount, tokenIds } = layout
    for (const columns of blocksOf(all, rowCount)) {
      const innerActivations = new Float32Array(columns.length * rowCount)
      for (const [i, column] of columns.entries()) {
        const vector = readVectors.subarray(column * width, (column + 1) * width)
        for (let row = 0; row < rowCount; row++) innerActivations[i * rowCount + row] = vector[tokenIds[row] ?? 0] ?? 0
      }
      yield ciFunction.scanColumns(innerActivations, columns, layout)
    }
  }
}

/** float64[columns]: the norm of a module's input up to which a subcomponent's |h|, as float32 sums give it, is within its reach. */
function safeInputNorms(readVectors: Float32Array, width: number, reaches: Float64Array): Float64Array {
  return reaches.map((reach, column) => {
    const norm = Math.sqrt(squareSum(readVectors, column * width, width))
    return reach / (norm * (1 + width * FLOAT32_ROUNDING))
  })
}

function greatestNorm(x: Float32Array, width: number): number {
  let greatest = 0
  for (let start = 0; start < x.length; start += width) greatest = Math.max(greatest, squareSum(x, start, width))
  return Math.sqrt(greatest)
}

function squareSum(numbers: Float32Array, start: number, length: number): number {
  let sum = 0
  for (let i = start; i < start + length; i++) sum += (numbers[i] ?? 0) ** 2
  return sum
}

/** Columns, ascending, by whether an input of norm `norm` certainly leaves them at CI 0; of NaN none is. */
function splitBySafety(
  safeNorms: Float64Array,
  norm: number,
): { readonly safe: Uint32Array; readonly unsafe: Uint32Array } {
  const safe: number[] = []
  const unsafe: number[] = []
  for (let column = 0; column < safeNorms.length; column++) {
    if (norm <= (safeNorms[column] ?? 0)) safe.push(column)
    else unsafe.push(column)
  }
  return { safe: Uint32Array.from(safe), unsafe: Uint32Array.from(unsafe) }
}

function noneActive(columns: Uint32Array, sampledActivations: Float32Array): ColumnBlock {
  const nothing = new Float32Array(0)
  return {
    columns,
    starts: new Uint32Array(columns.length + 1),
    rows: new Uint32Array(0),
    causalImportances: nothing,
    innerActivations: nothing,
    sampledActivations,
  }
}

/** `columns` in blocks of about BLOCK_NUMBERS inner activations. */
function* blocksOf(columns: Uint32Array, rowCount: number): Generator<Uint32Array> {
  const size = Math.max(1, Math.floor(BLOCK_NUMBERS / rowCount))
  for (let first = 0; first < columns.length; first += size) yield columns.subarray(first, first + size)
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
