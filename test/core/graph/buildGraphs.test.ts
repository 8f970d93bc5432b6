import { beforeAll, describe, expect, test } from 'vitest'
import type { DecomposedModule, Decomposition } from '../../../core/decomposition/Decomposition.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { buildGraphs } from '../../../core/graph/buildGraphs.ts'
import { externalDataOf } from '../../../core/graph/externalDataOf.ts'
import { uniformPrecision } from '../../../core/graph/Precision.ts'
import { causalImportancePort, innerActivationPort, LOGITS, maskPort } from '../../../core/graph/ports.ts'
import { WeightPlan } from '../../../core/graph/WeightPlan.ts'
import { buildMasks, leaveAlone } from '../../../core/inference/buildMasks.ts'
import { gelu } from '../../../core/inference/gelu.ts'
import { readModel } from '../../../core/onnx/model.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { graphRunner, idsOf, largestDifference, numbersOf, scalarOf, weightOf } from './runGraph.ts'

const IDS = [5, 17, 3, 99]

let llama: Decomposition
beforeAll(async () => {
  llama = await readDecomposition(oracleFiles('llama-mlp'))
})

const masked = (modules: readonly DecomposedModule[]) => modules.map(({ path, C }) => ({ path, c: C }))

/** A module whose C = d_in subcomponents are the unit vectors, so that V U is `written`; its CI function is γ = h. */
function unitModule(
  path: string,
  role: DecomposedModule['role'],
  dIn: number,
  written: { readonly shape: readonly [number, number]; readonly numbers: Float32Array },
): DecomposedModule {
  const C = written.shape[0]
  const unit = new Float32Array(dIn * C)
  for (let i = 0; i < C; i++) unit[i * C + i] = 1
  return {
    path,
    layer: null,
    kind: path.split('.').at(-1) ?? path,
    role,
    dIn,
    dOut: written.shape[1],
    C,
    V: weightOf(`${path}.V`, [dIn, C], unit),
    U: weightOf(`${path}.U`, written.shape, written.numbers),
    ciFunction: {
      kind: 'mlp',
      layers: [
        {
          W: weightOf(`${path}.W`, [C, 1, 1], new Float32Array(C).fill(1)),
          b: weightOf(`${path}.b`, [C, 1], new Float32Array(C)),
        },
      ],
    },
  }
}

function identityMatrix(width: number): Float32Array {
  return Float32Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0))
}

describe('weights in many small pieces', () => {
  test('give the same numbers', async () => {
    const whole = await graphRunner(llama)
    const plan = new WeightPlan(2048)
    const split = await graphRunner(llama, plan)
    expect(plan.pieceBytes.length).toBeGreaterThan(20)
    expect(Math.max(...plan.pieceBytes)).toBeLessThanOrEqual(2048)
    const ids = idsOf(...IDS)
    const [expected, found] = [await whole('observe', { ids }), await split('observe', { ids })]
    for (const name of Object.keys(expected)) expect(numbersOf(found, name)).toEqual(numbersOf(expected, name))
  })

  test('let intervene do without those of the CI functions', () => {
    const { observe, intervene } = buildGraphs(llama, uniformPrecision('f32'))
    expect(externalDataOf(intervene)).toEqual(['weights-00.bin'])
    expect(externalDataOf(observe).toSorted()).toEqual(['weights-00.bin', 'weights-01.bin'])
  })
})

describe('the two graphs', () => {
  test('store a tied embedding once and share weights by name', () => {
    const { observe, intervene } = buildGraphs(llama, uniformPrecision('f32'))
    const names = (bytes: Uint8Array) =>
      readModel(bytes, 'graph').graph.initializer.flatMap(({ name = '', externalData }) =>
        externalData.length > 0 ? [name] : [],
      )
    expect(names(intervene).filter((name) => name.startsWith('target/') && /embed|lm_head/.test(name))).toEqual([
      'target/model.embed_tokens.weight',
    ])
    const shared = new Set(names(observe))
    expect(names(intervene).filter((name) => !shared.has(name) && !name.startsWith('U/'))).toEqual([])
  })

  test('refuse a module whose matrix the target model does not have', () => {
    const stray = unitModule('model.layers.9.mlp.up_proj', { kind: 'linear' }, 2, {
      shape: [2, 2],
      numbers: identityMatrix(2),
    })
    expect(() => buildGraphs({ ...llama, modules: [stray] }, uniformPrecision('f32'))).toThrow(
      'the target model has no matrices for the modules model.layers.9.mlp.up_proj',
    )
  })
})

describe('an embedding module', () => {
  test('has the rows of V as inner activations and V U in the place of the embedding', async () => {
    const { path, weight } = llama.target.tokenEmbedding
    const [vocabulary = 0, width = 0] = weight.shape
    const embedding = await weight.read()
    // V is the embedding itself and U the identity, so that V U is all of it and δ = 0 changes nothing.
    const base = unitModule(path, { kind: 'embedding' }, vocabulary, {
      shape: [width, width],
      numbers: identityMatrix(width),
    })
    const module = { ...base, V: weightOf('V', [vocabulary, width], embedding) }
    const run = await graphRunner({ ...llama, modules: [module] })
    const ids = idsOf(...IDS)
    const observed = await run('observe', { ids })
    const rows = IDS.flatMap((id) => [...embedding.subarray(id * width, (id + 1) * width)])
    expect(numbersOf(observed, innerActivationPort(path))).toEqual(rows)
    expect(numbersOf(observed, causalImportancePort(path))).toEqual(rows.map((h) => Math.min(1, Math.max(0, h))))

    const masks = buildMasks(masked([module]), IDS.length, leaveAlone)
    const kept = await run('intervene', { ids, delta: scalarOf(0), ...masks })
    expect(largestDifference(numbersOf(kept, LOGITS), numbersOf(observed, LOGITS))).toBeLessThan(1e-5)
    const none = buildMasks(masked([module]), IDS.length, { base: 0, nodes: [], value: 0 })
    // Nothing is embedded, so nothing is left at the end; δ = 1 brings the whole embedding back.
    const empty = numbersOf(await run('intervene', { ids, delta: scalarOf(0), ...none }), LOGITS)
    expect(Math.max(...empty.map(Math.abs))).toBe(0)
  })
})

describe('an inserted identity', () => {
  test('observes and masks the input of its host alone', async () => {
    const host = llama.target.unembedding.path
    const width = llama.target.width
    const path = `${host}.pre_identity`
    const role = { kind: 'identity', hostPath: host } as const
    const module = unitModule(path, role, width, { shape: [width, width], numbers: identityMatrix(width) })
    const run = await graphRunner({ ...llama, modules: [module] })
    const ids = idsOf(...IDS)
    const observed = await run('observe', { ids })
    const logits = numbersOf(observed, LOGITS)
    const input = numbersOf(observed, innerActivationPort(path))

    const port = maskPort(path)
    const row = (numbers: number[]) =>
      ({ type: 'float32', data: Float32Array.from(numbers), dims: [1, 1, width] }) as const
    const ones = row(Array(width).fill(1))
    const kept = await run('intervene', { ids, delta: scalarOf(0), [port]: ones })
    expect(largestDifference(numbersOf(kept, LOGITS), logits)).toBeLessThan(1e-5)
    // Without subcomponent 0 the logits lose the input's number 0 times its column of the unembedding.
    const without = row(Array.from({ length: width }, (_, i) => (i === 0 ? 0 : 1)))
    const ablated = await run('intervene', { ids, delta: scalarOf(1), [port]: without })
    const matrix = await llama.target.unembedding.weight.read()
    const vocabulary = llama.target.vocabularySize
    const expected = logits.map((logit, i) => {
      const position = Math.floor(i / vocabulary)
      return logit - (input[position * width] ?? 0) * (matrix[(i % vocabulary) * width] ?? 0)
    })
    expect(largestDifference(numbersOf(ablated, LOGITS), expected)).toBeLessThan(1e-5)
  })
})

describe('sigmoid types', () => {
  /** γ, from its logistic function. */
  const logit = (p: number): number => Math.log(p / (1 - p))
  const sigma = (x: number): number => 1 / (1 + Math.exp(-x))

  test.each([
    ['leaky_hard', (x: number) => Math.min(1, Math.max(0, x))],
    ['hard', (x: number) => Math.min(1, Math.max(0, x))],
    ['upper_leaky_hard', (x: number) => (x > 1 ? 1 + 0.01 * (x - 1) : Math.max(0, x))],
    // spd/models/sigmoids.py: swishes of slope 10 at both ends of 0..1, written there as four around 0.5.
    [
      'swish_hard',
      (x: number) => {
        const z = x - 0.5
        const upsideDown = (y: number): number => y * sigma(-10 * y)
        const swish = (y: number): number => y * sigma(10 * y)
        return 0.5 + (upsideDown(z - 0.5) - swish(z)) + (swish(z + 0.5) - upsideDown(z))
      },
    ],
  ] as const)('%s', async (sigmoidType, sigmoid) => {
    const port = causalImportancePort('model.layers.0.mlp.up_proj')
    const importances = async (type: Decomposition['run']['sigmoidType']) => {
      const run = await graphRunner({ ...llama, run: { ...llama.run, sigmoidType: type } })
      return numbersOf(await run('observe', { ids: idsOf(...IDS) }), port)
    }
    const gammas = (await importances('normal')).map(logit)
    // Where float32's logistic function is near 0 or 1 it no longer tells γ.
    const isTold = gammas.map((gamma) => Math.abs(gamma) < 4)
    const expected = gammas.map(sigmoid)
    const found = await importances(sigmoidType)
    expect(isTold.filter(Boolean).length).toBeGreaterThan(50)
    expect(gammas.some((gamma) => gamma > 1.1) && gammas.some((gamma) => gamma < -0.1)).toBe(true)
    const pick = (numbers: readonly number[]) => numbers.filter((_, i) => isTold[i])
    expect(largestDifference(pick(found), pick(expected))).toBeLessThan(1e-4)
  })
})

test('a hidden layer of width 1 is a hidden layer', async () => {
  const [first] = llama.modules
  if (first === undefined) throw new Error('no module')
  const { path, C } = first
  const layer = (i: number, width: readonly [number, number], each: readonly number[]) => ({
    W: weightOf(`${path}.${i}.W`, [C, ...width], Float32Array.from(Array.from({ length: C }, () => each).flat())),
    b: weightOf(`${path}.${i}.b`, [C, width[1]], new Float32Array(C * width[1])),
  })
  const layers = [layer(0, [1, 2], [1, -1]), layer(1, [2, 1], [1, 1]), layer(2, [1, 1], [1])]
  const run = await graphRunner({
    ...llama,
    run: { ...llama.run, sigmoidType: 'upper_leaky_hard' },
    modules: [{ ...first, ciFunction: { kind: 'mlp', layers } }],
  })
  const outputs = await run('observe', { ids: idsOf(...IDS) })
  // GELU(h) + GELU(−h), through another GELU; never negative.
  const gamma = (h: number): number => gelu(gelu(h) + gelu(-h))
  const expected = numbersOf(outputs, innerActivationPort(path)).map((h) => {
    const x = gamma(h)
    return x > 1 ? 1 + 0.01 * (x - 1) : x
  })
  expect(Math.max(...expected)).toBeGreaterThan(0.1)
  expect(largestDifference(numbersOf(outputs, causalImportancePort(path)), expected)).toBeLessThan(1e-5)
})
