import { beforeAll, describe, expect, test } from 'vitest'
import type { DecomposedModule, Decomposition } from '../../../core/decomposition/Decomposition.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { causalImportancePort, innerActivationPort } from '../../../core/graph/ports.ts'
import { createScalarCiFunction, isScalarSigmoid } from '../../../core/inference/createScalarCiFunction.ts'
import { erf } from '../../../core/inference/gelu.ts'
import { inactiveIntervals, type ScalarMlp } from '../../../core/inference/inactiveIntervals.ts'
import { demoRunFiles } from '../decomposition/demoRunFiles.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { graphRunner, idsOf, largestDifference, numbersOf } from '../graph/runGraph.ts'

const SENTENCE = Array.from({ length: 60 }, (_, i) => (37 * i * i + 11 * i + 5) % 140)

async function scalarCiOf({ run }: Decomposition, module: DecomposedModule) {
  if (!isScalarSigmoid(run.sigmoidType)) throw new Error(run.sigmoidType)
  const layers = await Promise.all(
    module.ciFunction.layers.map(async ({ W, b }) => ({ W: await W.read(), b: await b.read() })),
  )
  return createScalarCiFunction({ C: module.C, layers }, run.sigmoidType)
}

async function expectGraphsNumbers(decomposition: Decomposition, ids: readonly number[]): Promise<number> {
  const outputs = await (await graphRunner(decomposition))('observe', { ids: idsOf(...ids) })
  let active = 0
  for (const module of decomposition.modules) {
    const innerActivations = Float32Array.from(numbersOf(outputs, innerActivationPort(module.path)))
    const expected = numbersOf(outputs, causalImportancePort(module.path))
    const found = (await scalarCiOf(decomposition, module)).evaluate(innerActivations, ids.length)
    expect(largestDifference(found, expected), module.path).toBeLessThanOrEqual(1e-5)
    active += expected.filter((ci) => ci > 0).length
  }
  return active
}

describe('createScalarCiFunction', () => {
  test.each(['llama-mlp', 'llama-simple-pairs-bias', 'gpt2-simple-mlp', 'gpt2-mlp'])(
    'gives the causal importances of the graph: %s',
    async (name) => {
      const decomposition = await readDecomposition(oracleFiles(name))
      expect(await expectGraphsNumbers(decomposition, SENTENCE.slice(0, 30))).toBeGreaterThan(100)
    },
  )

  test('gives the causal importances of the graph: the demo run', async () => {
    expect(await expectGraphsNumbers(await readDecomposition(demoRunFiles()), SENTENCE)).toBeGreaterThan(1000)
  })

  test('follows the formula, by hand', () => {
    // γ = 2 GELU(3 h − 1) − 0.5 at h = 0.5: GELU(0.5) = 0.5 Φ(0.5) = 0.5 · 0.6914625 = 0.3457312, γ = 0.1914625.
    const layers = [
      { W: Float32Array.of(3), b: Float32Array.of(-1) },
      { W: Float32Array.of(2), b: Float32Array.of(-0.5) },
    ]
    const ci = createScalarCiFunction({ C: 1, layers }, 'upper_leaky_hard')
    expect(ci.preSigmoid(0, 0.5)).toBeCloseTo(0.1914625, 6)
    // At h = 2: GELU(5) = 5 (1 − 2.9e-7), γ = 9.4999971, CI = 1 + 0.01 (γ − 1) = 1.08499997. At h = 0 γ < 0.
    const found = ci.evaluate(Float32Array.of(0.5, 2, 0), 3)
    expect([...found].map((x) => Number(x.toFixed(5)))).toEqual([0.19146, 1.085, 0])
  })

  test('uses one array again, as long as the longest story', () => {
    const layers = [{ W: Float32Array.of(1), b: Float32Array.of(0) }]
    const ci = createScalarCiFunction({ C: 1, layers }, 'hard')
    const first = ci.evaluate(Float32Array.of(0.25, 0.5, 2), 3)
    expect([...first]).toEqual([0.25, 0.5, 1])
    expect(ci.evaluate(Float32Array.of(-1), 1)).toBe(first)
    expect(first[0]).toBe(0)
  })
})

/** γ by the exact error function; GELU(z) beyond ±7 is, to 1e-11, z or 0. */
function exactPreSigmoid({ weights, biases, outWeights, outBias }: ScalarMlp, h: number): number {
  return weights.reduce((sum, weight, j) => {
    const z = weight * h + (biases[j] ?? 0)
    const gelu = Math.abs(z) > 7 ? Math.max(0, z) : 0.5 * z * (1 + erf(z / Math.SQRT2))
    return sum + (outWeights[j] ?? 0) * gelu
  }, outBias)
}

/** Points all over: even in h near the kinks, and by powers of two to far outside. */
function samplePoints({ weights, biases }: ScalarMlp): number[] {
  const kinks = Array.from(weights, (weight, j) => (weight === 0 ? 0 : -(biases[j] ?? 0) / weight))
  const unit = 1 / Math.max(...weights.map(Math.abs))
  const near = kinks.flatMap((kink) => Array.from({ length: 300 }, (_, i) => kink + (i - 150) * 0.05 * unit))
  const far = Array.from({ length: 120 }, (_, i) => unit * 2 ** (i / 4 - 8)).flatMap((h) => [h, -h])
  return [0, ...near, ...far]
}

function expectSound(mlp: ScalarMlp): { inactive: number; certain: number } {
  const intervals = inactiveIntervals(mlp)
  let [inactive, certain] = [0, 0]
  for (const h of samplePoints(mlp)) {
    const gamma = exactPreSigmoid(mlp, h)
    const isCertain = intervals.some(({ start, end }) => h >= start && h <= end)
    if (isCertain && gamma > 0) throw new Error(`γ(${h}) = ${gamma} in an interval called inactive`)
    if (gamma < 0) inactive += 1
    if (isCertain) certain += 1
  }
  return { inactive, certain }
}

describe('inactiveIntervals', () => {
  /** A linear congruential generator, so that the functions drawn are always the same. */
  function createRandom(seed: number): () => number {
    let state = seed
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
  }

  test('never call a point inactive whose γ is positive, over random functions of many scales', () => {
    const random = createRandom(20)
    let [inactive, certain] = [0, 0]
    for (let i = 0; i < 400; i++) {
      const width = 1 + Math.floor(random() * 12)
      const scale = 10 ** (random() * 4 - 2)
      const draw = (factor: number) => Float64Array.from({ length: width }, () => factor * (2 * random() - 1))
      const mlp = { weights: draw(scale), biases: draw(2), outWeights: draw(1), outBias: random() - 0.7 }
      const counts = expectSound(mlp)
      inactive += counts.inactive
      certain += counts.certain
    }
    // The intervals leave out little of what is inactive.
    expect(certain / inactive).toBeGreaterThan(0.95)
    expect(certain).toBeLessThanOrEqual(inactive)
  })

  let demo: Decomposition
  beforeAll(async () => {
    demo = await readDecomposition(demoRunFiles())
  })

  test('never call a point inactive whose γ is positive, over the demo run', async () => {
    for (const module of demo.modules.filter((_, i) => i % 4 === 1)) {
      const [hidden, out] = module.ciFunction.layers
      if (hidden === undefined || out === undefined) throw new Error(module.path)
      const [W, b, V, outBias] = await Promise.all([hidden.W, hidden.b, out.W, out.b].map((tensor) => tensor.read()))
      if (W === undefined || b === undefined || V === undefined || outBias === undefined) throw new Error(module.path)
      const width = b.length / module.C
      for (let c = 0; c < module.C; c += 16) {
        const slice = (x: Float32Array) => Float64Array.from(x.subarray(c * width, (c + 1) * width))
        expectSound({ weights: slice(W), biases: slice(b), outWeights: slice(V), outBias: outBias[c] ?? 0 })
      }
    }
  })

  test.each([
    // γ = GELU(h) − 1 is 0 at h = 1.1446.
    ['a ramp', { w: [1], b: [0], v: [1], o: -1 }, [[Number.NEGATIVE_INFINITY, 1.14]]],
    // γ = 0.8 − GELU(h) − GELU(−h) = 0.8 − h (2 Φ(h) − 1) is positive between about ±1.099 only.
    [
      'a hump',
      { w: [1, -1], b: [0, 0], v: [-1, -1], o: 0.8 },
      [
        [Number.NEGATIVE_INFINITY, -1.1],
        [1.1, Number.POSITIVE_INFINITY],
      ],
    ],
    [
      'never active',
      { w: [1, 0], b: [0, 1], v: [-1, 1], o: -2 },
      [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]],
    ],
    ['always active', { w: [1], b: [0], v: [1], o: 0.5 }, []],
  ])('find %s', (_, { w, b, v, o }, expected) => {
    const mlp = {
      weights: Float64Array.from(w),
      biases: Float64Array.from(b),
      outWeights: Float64Array.from(v),
      outBias: o,
    }
    const found = inactiveIntervals(mlp)
    expect(found).toHaveLength(expected.length)
    for (const [i, [start = 0, end = 0]] of expected.entries()) {
      expect(found[i]?.start).toSatisfy((x: number) => x === start || Math.abs(x - start) < 0.03)
      expect(found[i]?.end).toSatisfy((x: number) => x === end || Math.abs(x - end) < 0.03)
    }
  })
})
