import { beforeAll, describe, expect, test } from 'vitest'
import type { Decomposition } from '../../../core/decomposition/Decomposition.ts'
import { keepSubcomponents } from '../../../core/decomposition/keepSubcomponents.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { buildGraphs } from '../../../core/graph/buildGraphs.ts'
import { externalDataOf } from '../../../core/graph/externalDataOf.ts'
import type { GraphTensor } from '../../../core/graph/InferenceSession.ts'
import { maskOneModule } from '../../../core/graph/maskOneModule.ts'
import { uniformPrecision } from '../../../core/graph/Precision.ts'
import { causalImportancePort, LOGITS, maskPort } from '../../../core/graph/ports.ts'
import { writeWeightPieces } from '../../../core/graph/writeWeightPieces.ts'
import { readModel } from '../../../core/onnx/model.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { graphRunner, idsOf, largestDifference, numbersOf, scalarOf } from './runGraph.ts'

const IDS = idsOf(5, 17, 3, 99, 8, 8, 2)

let llama: Decomposition
beforeAll(async () => {
  llama = await readDecomposition(oracleFiles('llama-mlp'))
})

async function runAlone(path: string, feeds: Record<string, GraphTensor>, run = llama): Promise<number[]> {
  const graphs = buildGraphs(run, uniformPrecision('f32'))
  const pieces = new Map<string, Uint8Array>()
  for await (const { name, bytes } of writeWeightPieces(graphs.weights)) pieces.set(name, bytes)
  const paths = run.modules.map((module) => module.path)
  const bytes = maskOneModule(graphs.intervene, path, paths)
  const data = externalDataOf(bytes).map((name) => ({ path: name, data: pieces.get(name) ?? new Uint8Array() }))
  const session = await createOpenSession(1)(bytes, data)
  const outputs = await session.run(feeds)
  await session.close()
  return numbersOf(outputs, LOGITS)
}

describe('one module masked by its causal importances, the others whole', () => {
  test.each([0, 4, 13])('module %i gives the logits of a run that decomposes it alone', async (i) => {
    const module = llama.modules[i]
    if (module === undefined) throw new Error(`the oracle has no module ${i}`)
    const observed = await (await graphRunner(llama))('observe', { ids: IDS })
    const g = observed[causalImportancePort(module.path)]
    if (g === undefined) throw new Error('no causal importances')
    const feeds = { ids: IDS, delta: scalarOf(0), [maskPort(module.path)]: g }
    const direct = await (await graphRunner({ ...llama, modules: [module] }))('intervene', feeds)
    const found = await runAlone(module.path, feeds)
    // The same operations on the same numbers, whatever order the runtime takes them in.
    expect(largestDifference(found, numbersOf(direct, LOGITS))).toBeLessThan(1e-5)
    expect(largestDifference(found, numbersOf(observed, LOGITS))).toBeGreaterThan(1e-3)
  })

  test('works beside a module of which nothing is kept, and for it', async () => {
    const dropped = 4
    const pruned = keepSubcomponents(
      llama,
      llama.modules.map(({ C }, i) => (i === dropped ? [] : Array.from({ length: C }, (_, c) => c))),
    )
    const observed = await (await graphRunner(llama))('observe', { ids: IDS })
    const [first, none] = [llama.modules[0], llama.modules[dropped]]
    if (first === undefined || none === undefined) throw new Error('no such modules')
    const g = observed[causalImportancePort(first.path)]
    if (g === undefined) throw new Error('no causal importances')
    const feeds = { ids: IDS, delta: scalarOf(0), [maskPort(first.path)]: g }
    // What the other module keeps does not matter where its matrix is whole.
    expect(await runAlone(first.path, feeds, pruned)).toEqual(await runAlone(first.path, feeds))
    // Without subcomponents and δ a matrix gives 0, as with all masks 0.
    const zeros = { type: 'float32', data: new Float32Array(none.C), dims: [1, 1, none.C] } as const
    const masked = { ids: IDS, delta: scalarOf(0), [maskPort(none.path)]: zeros }
    const expected = await runAlone(none.path, masked)
    const found = await runAlone(none.path, { ids: IDS, delta: scalarOf(0) }, pruned)
    expect(largestDifference(found, expected)).toBeLessThan(1e-5)
    expect(largestDifference(found, numbersOf(observed, LOGITS))).toBeGreaterThan(1e-3)
  })

  test('needs no input and no vectors of the others', () => {
    const { intervene } = buildGraphs(llama, uniformPrecision('f32'))
    const paths = llama.modules.map(({ path }) => path)
    const [first = ''] = paths
    const { graph } = readModel(maskOneModule(intervene, first, paths), 'graph')
    expect(graph.input.map(({ name }) => name).toSorted()).toEqual(['delta', 'ids', maskPort(first)])
    const vectors = graph.initializer.flatMap(({ name = '' }) => (/^[UV]\//.test(name) ? [name] : []))
    expect(vectors.toSorted()).toEqual([`U/${first}`, `V/${first}`])
  })
})
