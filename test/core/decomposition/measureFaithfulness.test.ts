import { describe, expect, test } from 'vitest'
import type { DecomposedModule } from '../../../core/decomposition/Decomposition.ts'
import { measureFaithfulness } from '../../../core/decomposition/measureFaithfulness.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import type { TargetModel } from '../../../core/decomposition/TargetModel.ts'
import { weightOf } from '../graph/runGraph.ts'
import { oracleFiles } from './runFiles.ts'

/** V [2, C] and U [C, 3] of C = 1: V U = (1, 2)ᵀ (3, 4, 5) = [[3, 4, 5], [6, 8, 10]]. */
const small = (role: DecomposedModule['role']): DecomposedModule => ({
  path: 'm',
  layer: null,
  kind: 'm',
  role,
  dIn: 2,
  dOut: 3,
  C: 1,
  V: weightOf('V', [2, 1], [1, 2]),
  U: weightOf('U', [1, 3], [3, 4, 5]),
  ciFunction: { kind: 'mlp', layers: [] },
})

async function targetOf(numbers: readonly number[], storedTransposed: boolean): Promise<TargetModel> {
  const { target } = await readDecomposition(oracleFiles('llama-mlp'))
  const weight = weightOf('W', storedTransposed ? [2, 3] : [3, 2], numbers)
  const tokenEmbedding = { path: 'm', weight }
  const unembedding = { path: 'm', dIn: 2, dOut: 3, weight, storedTransposed, bias: null }
  return { ...target, blocks: [], tokenEmbedding, unembedding }
}

describe('measureFaithfulness', () => {
  // W − (V U)ᵀ has a 1 and a −2: 5; ‖W‖² = 16 + 16 + 25 + 36 + 64 + 64 = 221.
  test('is the share of the squared weights that V U misses, of a matrix [d_out, d_in]', async () => {
    const target = await targetOf([4, 6, 4, 8, 5, 8], false)
    expect(await measureFaithfulness(target, small({ kind: 'linear' }))).toBe(5 / 221)
  })

  test.each(['linear', 'embedding'] as const)('and of one stored as [d_in, d_out]: %s', async (kind) => {
    const target = await targetOf([4, 4, 5, 6, 8, 8], true)
    expect(await measureFaithfulness(target, small({ kind }))).toBe(5 / 221)
  })

  test('takes the identity for the matrix of an inserted one', async () => {
    const target = await targetOf([0, 0, 0, 0, 0, 0], false)
    const V = weightOf('V', [2, 1], [1, 0])
    const U = weightOf('U', [1, 2], [1, 0.5])
    const module = { ...small({ kind: 'identity', hostPath: 'm' }), dOut: 2, V, U }
    // I − [[1, 0.5], [0, 0]]: 0.25 + 1 of 2.
    expect(await measureFaithfulness(target, module)).toBe(1.25 / 2)
  })

  test('is null where there is nothing to be faithful to', async () => {
    const target = await targetOf([0, 0, 0, 0, 0, 0], false)
    expect(await measureFaithfulness(target, small({ kind: 'linear' }))).toBeNull()
  })

  test.each(['llama-mlp', 'gpt2-mlp'])('agrees with the plain formula on every module of %s', async (name) => {
    const { target, modules } = await readDecomposition(oracleFiles(name))
    const linears = target.blocks.flatMap(({ attention, mlp }) => [
      ...Object.values(attention).filter((each) => typeof each === 'object'),
      ...Object.values(mlp).filter((each) => typeof each === 'object'),
    ])
    for (const module of modules) {
      const linear = linears.find(({ path }) => path === module.path)
      if (linear === undefined) continue
      const [W, V, U] = [await linear.weight.read(), await module.V.read(), await module.U.read()]
      let [missed, whole] = [0, 0]
      for (let i = 0; i < module.dIn; i++) {
        for (let o = 0; o < module.dOut; o++) {
          let product = 0
          for (let c = 0; c < module.C; c++) product += (V[i * module.C + c] ?? 0) * (U[c * module.dOut + o] ?? 0)
          const w = W[linear.storedTransposed ? i * module.dOut + o : o * module.dIn + i] ?? 0
          missed += (w - product) ** 2
          whole += w ** 2
        }
      }
      const found = await measureFaithfulness(target, module)
      expect(Math.abs((found ?? Number.NaN) - missed / whole)).toBeLessThan((1e-12 * missed) / whole)
    }
  })
})
