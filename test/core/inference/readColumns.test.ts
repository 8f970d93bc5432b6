import { describe, expect, test } from 'vitest'
import { buildProductGraph } from '../../../core/graph/buildProductGraph.ts'
import type { GraphTensor } from '../../../core/graph/InferenceSession.ts'
import { transposeMatrix } from '../../../core/graph/transposeMatrix.ts'
import type { ColumnBlock } from '../../../core/inference/ColumnBlock.ts'
import type { ScanColumns } from '../../../core/inference/createColumnScan.ts'
import { columnsOfLookup, columnsOfProduct, type ReadColumns } from '../../../core/inference/readColumns.ts'
import { layOutBatch } from '../../../core/statistics/BatchLayout.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'

const settings = {
  vocabularySize: 3,
  contextLength: 300,
  threshold: 0.01,
  levels: [0.01],
  seed: 1,
  examplesPerSubcomponent: 0,
  strongestPerSubcomponent: 0,
  windowRadius: 0,
  sampleShare: 0,
  partStories: 8,
  categoryCount: 0,
  modules: [],
}
const COLUMNS = 1500
const WIDTH = 3
const story = (length: number, id: number) => Uint32Array.from({ length }, (_, i) => (i + id) % 3)
const layout = layOutBatch(
  [
    { story: 0, ids: story(300, 0) },
    { story: 1, ids: story(297, 1) },
  ],
  settings,
)
/** V float32[WIDTH or vocabulary, COLUMNS], small whole numbers, so that every product is exact. */
const V = Float32Array.from({ length: WIDTH * COLUMNS }, (_, i) => ((i * 7) % 11) - 5)

/** A scan that keeps h as it comes, and which blocks came. */
function keepActivations() {
  const kept = { activations: new Map<number, number[]>(), blocks: [] as [number, number][] }
  const scan: ScanColumns = (innerActivations, firstColumn, columnCount) => {
    kept.blocks.push([firstColumn, columnCount])
    for (let i = 0; i < columnCount; i++) {
      kept.activations.set(firstColumn + i, [
        ...innerActivations.subarray(i * layout.rowCount, (i + 1) * layout.rowCount),
      ])
    }
    return { firstColumn, columnCount } as ColumnBlock
  }
  return { kept, scan }
}

async function readAll(read: ReadColumns, outputs: Readonly<Record<string, GraphTensor>>): Promise<void> {
  for await (const _ of read(layout, outputs));
}

describe('inner activations come column by column, in blocks, padding left out', () => {
  test('of a matrix by products with its input', async () => {
    const { kept, scan } = keepActivations()
    const product = await createOpenSession(1)(buildProductGraph(), [])
    const x = Float32Array.from({ length: 2 * 300 * WIDTH }, (_, i) => (i % 5) - 2)
    const module = { columnCount: COLUMNS, readVectors: transposeMatrix(V, WIDTH, COLUMNS), scan }
    const outputs = { x: { type: 'float32', data: x, dims: [2, 300, WIDTH] } } as const
    await readAll(columnsOfProduct(module, 'x', product), outputs)
    await product.close()
    expect(kept.blocks).toEqual([
      [0, 878],
      [878, 622],
    ])
    for (const column of [0, 877, 878, 1499]) {
      const expected = [...layout.paddedRows].map((row) => {
        const terms = [0, 1, 2].map((i) => (x[row * WIDTH + i] ?? 0) * (V[i * COLUMNS + column] ?? 0))
        return terms.reduce((sum, term) => sum + term, 0)
      })
      expect(kept.activations.get(column)).toEqual(expected)
    }
  })

  test('of an embedding by its tokens', async () => {
    const { kept, scan } = keepActivations()
    await readAll(columnsOfLookup({ columnCount: COLUMNS, readVectors: transposeMatrix(V, 3, COLUMNS), scan }), {})
    for (const column of [0, 878, 1499]) {
      expect(kept.activations.get(column)).toEqual([...layout.tokenIds].map((id) => V[id * COLUMNS + column]))
    }
  })
})
