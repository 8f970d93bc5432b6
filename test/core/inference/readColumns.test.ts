import { describe, expect, test } from 'vitest'
import { buildProductGraph } from '../../../core/graph/buildProductGraph.ts'
import type { GraphTensor } from '../../../core/graph/InferenceSession.ts'
import { transposeMatrix } from '../../../core/graph/transposeMatrix.ts'
import type { ColumnBlock } from '../../../core/inference/ColumnBlock.ts'
import type { ScanColumns } from '../../../core/inference/createColumnScan.ts'
import { columnsOfLookup, columnsOfProduct, type ReadColumns } from '../../../core/inference/readColumns.ts'
import { layOutBatch } from '../../../core/statistics/BatchLayout.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'
import { plainSettings } from './plainSettings.ts'

const COLUMNS = 1500
const WIDTH = 3
const story = (length: number, id: number) => Uint32Array.from({ length }, (_, i) => (i + id) % 3)
const layout = layOutBatch(
  [
    { story: 0, ids: story(300, 0) },
    { story: 1, ids: story(297, 1) },
  ],
  plainSettings,
)
/** V float32[WIDTH or vocabulary, COLUMNS], small whole numbers, so that every product is exact. */
const V = Float32Array.from({ length: WIDTH * COLUMNS }, (_, i) => ((i * 7) % 11) - 5)

/** A CI function that keeps h as it is scanned, and which blocks came. */
function keepActivations(reach = -1) {
  const kept = { activations: new Map<number, number[]>(), blocks: [] as number[] }
  const scanColumns: ScanColumns = (innerActivations, columns) => {
    kept.blocks.push(columns.length)
    for (const [i, column] of columns.entries()) {
      kept.activations.set(column, [...innerActivations.subarray(i * layout.rowCount, (i + 1) * layout.rowCount)])
    }
    return { columns } as ColumnBlock
  }
  return { kept, ciFunction: { scanColumns, reaches: new Float64Array(COLUMNS).fill(reach) } }
}

async function readAll(
  read: ReadColumns,
  outputs: Readonly<Record<string, GraphTensor>>,
  ofLayout = layout,
): Promise<ColumnBlock[]> {
  const blocks: ColumnBlock[] = []
  for await (const block of read(ofLayout, outputs)) blocks.push(block)
  return blocks
}

describe('inner activations come column by column, in blocks, padding left out', () => {
  test('of a matrix by products with its input', async () => {
    const { kept, ciFunction } = keepActivations()
    const product = await createOpenSession(1)(buildProductGraph(), [])
    const x = Float32Array.from({ length: 2 * 300 * WIDTH }, (_, i) => (i % 5) - 2)
    const module = { columnCount: COLUMNS, readVectors: transposeMatrix(V, WIDTH, COLUMNS), ciFunction }
    const outputs = { x: { type: 'float32', data: x, dims: [2, 300, WIDTH] } } as const
    await readAll(columnsOfProduct(module, 'x', product), outputs)
    await product.close()
    expect(kept.blocks).toEqual([878, 622])
    for (const column of [0, 877, 878, 1499]) {
      const expected = [...layout.paddedRows].map((row) => {
        const terms = [0, 1, 2].map((i) => (x[row * WIDTH + i] ?? 0) * (V[i * COLUMNS + column] ?? 0))
        return terms.reduce((sum, term) => sum + term, 0)
      })
      expect(kept.activations.get(column)).toEqual(expected)
    }
  })

  test('of an embedding by its tokens', async () => {
    const { kept, ciFunction } = keepActivations()
    await readAll(
      columnsOfLookup({ columnCount: COLUMNS, readVectors: transposeMatrix(V, 3, COLUMNS), ciFunction }),
      {},
    )
    for (const column of [0, 878, 1499]) {
      expect(kept.activations.get(column)).toEqual([...layout.tokenIds].map((id) => V[id * COLUMNS + column]))
    }
  })
})

test('a column that no input of the batch brings out of its reach is read in sampled rows only', async () => {
  // ‖x‖ is 3 at most, ‖V[:, c]‖ the norm of three whole numbers.
  const x = Float32Array.from({ length: 2 * 300 * WIDTH }, (_, i) => [1, 2, -2][i % 3] ?? 0)
  const norms = Array.from({ length: COLUMNS }, (_, c) => Math.hypot(...[0, 1, 2].map((i) => V[i * COLUMNS + c] ?? 0)))
  const { kept, ciFunction } = keepActivations()
  for (const [column, norm] of norms.entries())
    ciFunction.reaches[column] = 3 * norm + (column % 2 === 0 ? 1e-4 : -1e-4)
  const sampled = layOutBatch(
    [
      { story: 0, ids: story(300, 0) },
      { story: 1, ids: story(300, 1) },
    ],
    {
      ...plainSettings,
      sampleShare: 0.05,
    },
  )
  const product = await createOpenSession(1)(buildProductGraph(), [])
  const module = { columnCount: COLUMNS, readVectors: transposeMatrix(V, WIDTH, COLUMNS), ciFunction }
  const outputs = { x: { type: 'float32', data: x, dims: [2, 300, WIDTH] } } as const
  const safe = (await readAll(columnsOfProduct(module, 'x', product), outputs, sampled)).at(-1)
  await product.close()
  expect([...kept.activations.keys()]).toEqual(norms.flatMap((_, column) => (column % 2 === 1 ? column : [])))
  expect(safe?.starts.every((start) => start === 0)).toBe(true)
  const width = sampled.sampledRows.length
  expect(width).toBeGreaterThan(10)
  const [first = 0] = safe?.columns ?? []
  const h = (V[first] ?? 0) + 2 * (V[COLUMNS + first] ?? 0) - 2 * (V[2 * COLUMNS + first] ?? 0)
  expect([...(safe?.sampledActivations.subarray(0, width) ?? [])]).toEqual(Array(width).fill(h))
})
