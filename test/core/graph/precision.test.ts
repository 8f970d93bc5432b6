import { describe, expect, test } from 'vitest'
import { keepSubcomponents } from '../../../core/decomposition/keepSubcomponents.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { createGraphWeightReader } from '../../../core/graph/createGraphWeightReader.ts'
import { GraphContext } from '../../../core/graph/GraphContext.ts'
import { type GraphPrecision, type Precision, uniformPrecision } from '../../../core/graph/Precision.ts'
import { causalImportancePort, innerActivationPort, LOGITS } from '../../../core/graph/ports.ts'
import { WeightPlan } from '../../../core/graph/WeightPlan.ts'
import { writeWeightPieces } from '../../../core/graph/writeWeightPieces.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { graphRunner, idsOf, largestDifference, numbersOf } from './runGraph.ts'

const IDS = [5, 17, 3, 9, 1, 30, 2, 8]
const ORACLES = ['llama-mlp', 'llama-vector-mlp', 'llama-one-c', 'llama-simple-shared-mlp', 'gpt2-simple-mlp']

/** Storage of one part alone, the others exact. */
const only = (part: keyof GraphPrecision, precision: Precision): GraphPrecision => ({
  ...uniformPrecision('f32'),
  [part]: precision,
})

/** Largest differences from float32 storage; of h as a share of the module's largest |h|. */
async function errorsOf(name: string, precision: GraphPrecision) {
  const decomposition = await readDecomposition(oracleFiles(name))
  const ids = idsOf(...IDS)
  const exact = await (await graphRunner(decomposition))('observe', { ids })
  const rounded = await (await graphRunner(decomposition, new WeightPlan(), precision))('observe', { ids })
  const difference = (port: string) => largestDifference(numbersOf(rounded, port), numbersOf(exact, port))
  const paths = decomposition.modules.map(({ path }) => path)
  return {
    logits: difference(LOGITS),
    h: Math.max(
      ...paths.map((path) => {
        const port = innerActivationPort(path)
        return difference(port) / Math.max(...numbersOf(exact, port).map(Math.abs))
      }),
    ),
    ci: Math.max(...paths.map((path) => difference(causalImportancePort(path)))),
  }
}

describe('storage of one part alone', () => {
  // Half a step of float16 is at most 2^-11 of a number, of i8 1/254 of a column's largest; sums of dozens average that out.
  test.each(ORACLES)('V in 16 and 8 bits moves inner activations, not logits: %s', async (name) => {
    const [f16, i8] = [await errorsOf(name, only('v', 'f16')), await errorsOf(name, only('v', 'i8'))]
    expect([f16.logits, i8.logits]).toEqual([0, 0])
    expect(f16.h).toBeGreaterThan(0)
    expect(f16.h).toBeLessThan(1e-3)
    expect(i8.h).toBeGreaterThan(f16.h)
    expect(i8.h).toBeLessThan(2e-2)
  })

  test.each(ORACLES)('the CI functions in 16 and 8 bits move causal importances alone: %s', async (name) => {
    const [f16, i8] = [await errorsOf(name, only('ci', 'f16')), await errorsOf(name, only('ci', 'i8'))]
    for (const errors of [f16, i8]) expect([errors.logits, errors.h]).toEqual([0, 0])
    const isExact = (await readDecomposition(oracleFiles(name))).run.ciKind === 'mlp'
    if (isExact) return expect([f16.ci, i8.ci]).toEqual([0, 0])
    expect(f16.ci).toBeGreaterThan(0)
    expect(f16.ci).toBeLessThan(5e-3)
    expect(i8.ci).toBeGreaterThan(f16.ci)
    expect(i8.ci).toBeLessThan(0.1)
  })

  test('U in 8 bits moves nothing that observe gives', async () => {
    expect(await errorsOf('llama-mlp', only('u', 'i8'))).toEqual({ logits: 0, h: 0, ci: 0 })
  })
})

describe.each(['f32', 'f16', 'i8'] as const)('weights read outside the graph, stored as %s', (precision) => {
  // Pieces of 1024 bytes cut the rows of both into parts; scales are whole.
  test.each([
    [undefined, 23],
    [1024, 23],
    [undefined, 1],
  ])('are bit for bit those the graph computes with, in pieces of %s bytes, of %i subcomponents', async (bytes, C) => {
    const whole = await readDecomposition(oracleFiles('llama-mlp'))
    const kept = whole.modules.map(() => Array.from({ length: C }, (_, c) => c))
    const [module] = keepSubcomponents(whole, kept).modules
    if (module === undefined) throw new Error('no module')
    const { V, U, dIn, dOut } = module
    const plan = new WeightPlan(bytes)
    const context = new GraphContext('weights', plan, uniformPrecision(precision))
    context.builder.output('v', context.weight('V', V, 'v'), [dIn, C])
    context.builder.output('u', context.weight('U', U, 'u'), [C, dOut])
    const graph = context.builder.write()
    const pieces = new Map<string, Uint8Array>()
    for await (const piece of writeWeightPieces(plan)) pieces.set(piece.name, piece.bytes)
    const session = await createOpenSession(1)(
      graph,
      [...pieces].map(([path, data]) => ({ path, data })),
    )
    const computed = await session.run({})
    await session.close()
    const read = createGraphWeightReader(graph, pieces)
    const step = { f32: 0, f16: 2 ** -11, i8: 1 / 254 }[precision]
    for (const [name, port, tensor] of [
      ['V', 'v', V],
      ['U', 'u', U],
    ] as const) {
      const exact = await tensor.read()
      expect(read(name).dims).toEqual(tensor.shape)
      expect(read(name).data).toEqual(computed[port]?.data)
      const error = largestDifference(read(name).data, exact)
      expect(error > 0).toBe(precision !== 'f32')
      expect(error).toBeLessThanOrEqual(step * 1.001 * Math.max(...exact.map(Math.abs)))
    }
  })
})
