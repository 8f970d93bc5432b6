import { beforeAll, describe, expect, test } from 'vitest'
import type { Decomposition } from '../../../core/decomposition/Decomposition.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { buildGraphs } from '../../../core/graph/buildGraphs.ts'
import { createGraphWeightReader, type ReadGraphWeight } from '../../../core/graph/createGraphWeightReader.ts'
import { type Precision, uniformPrecision } from '../../../core/graph/Precision.ts'
import { WeightPlan } from '../../../core/graph/WeightPlan.ts'
import { writeWeightPieces } from '../../../core/graph/writeWeightPieces.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { largestDifference } from './runGraph.ts'

let llama: Decomposition
beforeAll(async () => {
  llama = await readDecomposition(oracleFiles('llama-mlp'))
})

async function readerOf(precision: Precision, maxPieceBytes?: number, lost?: string): Promise<ReadGraphWeight> {
  const { observe, weights } = buildGraphs(llama, uniformPrecision(precision), new WeightPlan(maxPieceBytes))
  const pieces = new Map<string, Uint8Array>()
  for await (const { name, bytes } of writeWeightPieces(weights)) pieces.set(name, bytes)
  if (lost !== undefined) pieces.delete(lost)
  return createGraphWeightReader(observe, pieces)
}

describe('createGraphWeightReader', () => {
  test('reads a weight as the checkpoint has it', async () => {
    const read = await readerOf('f32')
    const [module] = llama.modules
    const V = read(`V/${module?.path}`)
    expect(V.dims).toEqual([module?.dIn, module?.C])
    expect(V.data).toEqual(await module?.V.read())
    const bias = read(`ci_function/${module?.path}/1/b`)
    expect(bias.dims).toEqual([module?.C, 1])
    expect(bias.data).toEqual(await module?.ciFunction.layers[1]?.b.read())
  })

  test('reads a matrix of the target model as [d_in, d_out]', async () => {
    const { data, dims } = (await readerOf('f32'))('target/model.layers.0.mlp.up_proj.weight')
    const mlp = llama.target.blocks[0]?.mlp
    if (mlp?.kind !== 'gated') throw new Error('no up_proj')
    const W = await mlp.up.weight.read()
    expect(dims).toEqual([mlp.up.dIn, mlp.up.dOut])
    // Row 1, column 2 of [d_in, d_out] is row 2, column 1 of [d_out, d_in].
    expect(data[1 * mlp.up.dOut + 2]).toBe(W[2 * mlp.up.dIn + 1])
  })

  test('joins the parts of one that lies in several pieces', async () => {
    const [whole, split] = [await readerOf('f32'), await readerOf('f32', 1024)]
    expect(split('target/model.embed_tokens.weight')).toEqual(whole('target/model.embed_tokens.weight'))
  })

  test('widens float16, and leaves what decides about firing exact', async () => {
    const read = await readerOf('f16')
    const [module] = llama.modules
    const V = (await module?.V.read()) ?? new Float32Array()
    const difference = largestDifference(read(`V/${module?.path}`).data, V)
    expect(difference).toBeGreaterThan(0)
    expect(difference).toBeLessThan(2 ** -11 * Math.max(...V.map(Math.abs)))
    expect(read(`ci_function/${module?.path}/0/W`).data).toEqual(await module?.ciFunction.layers[0]?.W.read())
  })

  test('names a weight the graph does not have, and a piece that is not there', async () => {
    const read = await readerOf('f32', undefined, 'weights-01.bin')
    expect(() => read('V/nowhere')).toThrow('graph: no weight V/nowhere')
    const path = llama.modules[0]?.path
    expect(() => read(`ci_function/${path}/0/W`)).toThrow(
      `ci_function/${path}/0/W: no bytes 0 to 552 in "weights-01.bin"`,
    )
  })
})
