import { describe, expect, test } from 'vitest'
import { keepSubcomponents } from '../../../core/decomposition/keepSubcomponents.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { buildGraphs } from '../../../core/graph/buildGraphs.ts'
import { uniformPrecision } from '../../../core/graph/Precision.ts'
import { causalImportancePort, ciWeightName } from '../../../core/graph/ports.ts'
import { readModel } from '../../../core/onnx/model.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { batchOf, graphRunner, largestDifference, numbersOf } from './runGraph.ts'

const IDS = [5, 17, 3, 99]

describe('CI functions of kind vector_mlp in blocks of subcomponents', () => {
  // First layers of 5 and 12 columns a subcomponent: blocks of 608 and 256.
  test.each([
    ['llama-vector-mlp', [608, 608, 84]],
    ['llama-one-c', [256, 256, 256, 256, 256, 20]],
  ] as const)('give what one block gives: %s', async (name, blocks) => {
    const one = await readDecomposition(oracleFiles(name))
    const many = keepSubcomponents(
      one,
      one.modules.map(({ C }) => Array.from({ length: 1300 }, (_, c) => (c * 7) % C)),
    )
    const path = one.modules[0]?.path ?? ''
    const { graph } = readModel(buildGraphs(many, uniformPrecision('f32')).observe, 'graph')
    const isBlock = ({ name = '' }) => name.startsWith(`${ciWeightName(path, 0)}/`)
    const widths = graph.initializer.filter(isBlock).map(({ dims }) => Number(dims[1]))
    const out = name === 'llama-one-c' ? 12 : 5
    expect(widths).toEqual(blocks.map((length) => length * out))
    const [runOne, runMany] = [await graphRunner(one), await graphRunner(many)]
    const ids = batchOf(IDS, IDS.toReversed())
    const [expected, found] = [await runOne('observe', { ids }), await runMany('observe', { ids })]
    for (const { path, C } of one.modules) {
      const [few, all] = [expected, found].map((outputs) => numbersOf(outputs, causalImportancePort(path)))
      const repeated = Array.from({ length: 2 * IDS.length * 1300 }, (_, i) => {
        return few?.[Math.floor(i / 1300) * C + (((i % 1300) * 7) % C)] ?? Number.NaN
      })
      expect(largestDifference(all ?? [], repeated)).toBeLessThan(1e-6)
    }
  })
})
