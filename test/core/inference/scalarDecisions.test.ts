import { describe, expect, test } from 'vitest'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { transposeMatrix } from '../../../core/graph/transposeMatrix.ts'
import {
  createScalarCiFunction,
  isScalarSigmoid,
  type ScalarCiFunction,
} from '../../../core/inference/createScalarCiFunction.ts'
import type { ScalarCiWeights } from '../../../core/inference/scalarPreSigmoid.ts'
import { TABLE_ERROR } from '../../../core/inference/tabulateScalarMlp.ts'
import { binOf, levelsWith } from '../../../core/statistics/levels.ts'
import { demoRunFiles } from '../decomposition/demoRunFiles.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'

const LEVELS = levelsWith(0.02)
const LARGEST = 3.4028234663852886e38
/** Rounding of a CI of at most 2 to float32. */
const ROUNDING = 2 ** -23

type Sigmoid = Parameters<typeof createScalarCiFunction>[1]
type Draw = (most: number) => number

/** A linear congruential generator, so that what is drawn is always the same. */
function createRandom(seed: number): Draw {
  let state = seed
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (most * state) / 2 ** 32
  }
}

/** CI as the definition has it, of γ in float64. */
function importance(gamma: number, sigmoid: Sigmoid): number {
  if (gamma <= 0) return 0
  return gamma <= 1 ? gamma : 1 + (sigmoid === 'upper_leaky_hard' ? 0.01 : 0) * (gamma - 1)
}

/** The float32 numbers next to h, and h: three on either side. */
function neighbours(h: number): number[] {
  const bits = new Int32Array(new Float32Array([h]).buffer)
  return [-3, -2, -1, 0, 1, 2, 3].map((steps) => {
    const near = new Int32Array([(bits[0] ?? 0) + steps])
    return new Float32Array(near.buffer)[0] ?? 0
  })
}

/** The end of [low, high] nearest to where `gamma` crosses `level`, after halving it as far as float64 goes. */
function crossing(gamma: (h: number) => number, level: number, low: number, high: number): number {
  let [below, above] = [low, high]
  const isUp = gamma(above) > level
  for (let i = 0; i < 60; i++) {
    const middle = (below + above) / 2
    if (gamma(middle) > level === isUp) above = middle
    else below = middle
  }
  return above
}

/** A grid over `reach` units of the steepest weight, numbers at random, all sizes of float32, and each crossing's neighbours. */
function pointsFor(gamma: (h: number) => number, unit: number, random: Draw): number[] {
  const reach = Math.min(24 * unit, 1e30)
  const grid = Array.from({ length: 1201 }, (_, i) => (i / 600 - 1) * reach)
  const scattered = Array.from({ length: 300 }, () => (random(2) - 1) * reach * 10 ** (random(6) - 4))
  const sizes = Array.from({ length: 139 }, (_, i) => 2 ** (2 * i - 149)).flatMap((h) => [h, -h])
  const near: number[] = []
  const values = grid.map(gamma)
  for (let i = 1; i < grid.length; i++) {
    const [low = 0, high = 0, a = 0, b = 0] = [grid[i - 1], grid[i], values[i - 1], values[i]]
    for (const level of [0, 1, ...LEVELS]) {
      if (a > level !== b > level) near.push(...neighbours(crossing(gamma, level, low, high)))
    }
  }
  const all = [0, -0, LARGEST, -LARGEST, ...grid, ...scattered, ...sizes, ...near]
  return all.map(Math.fround).filter((h) => Number.isFinite(h))
}

/** Compares both evaluations of every subcomponent at many h; how many CI were above 0, and how many of those below 1. */
function expectExactDecisions(weights: ScalarCiWeights, sigmoid: Sigmoid, seed: number) {
  const { C } = weights
  const random = createRandom(seed)
  const ci = createScalarCiFunction(weights, sigmoid, LEVELS)
  const width = (weights.layers[0]?.b.length ?? 0) / C
  const points = Array.from({ length: C }, (_, c) => {
    const steepest = Math.max(...Array.from(weights.layers[0]?.W.subarray(c * width, (c + 1) * width) ?? [], Math.abs))
    return pointsFor((h) => ci.preSigmoid(c, h), 1 / Math.max(steepest, 1e-30), random)
  })
  const rowCount = Math.max(...points.map(({ length }) => length))
  const inner = Float32Array.from({ length: rowCount * C }, (_, i) => points[i % C]?.[Math.floor(i / C)] ?? 0)
  const { rowStarts, columns, causalImportances } = ci.evaluateSparse(inner, rowCount)
  const found = { active: 0, between: 0 }
  for (let row = 0; row < rowCount; row++) {
    let entry = rowStarts[row] ?? 0
    for (let c = 0; c < C; c++) {
      const h = inner[row * C + c] ?? 0
      const exact = importance(ci.preSigmoid(c, h), sigmoid)
      const isEntry = entry < (rowStarts[row + 1] ?? 0) && columns[entry] === c
      const value = isEntry ? (causalImportances[entry] ?? 0) : 0
      if (isEntry) entry += 1
      const isSame = binOf(value, LEVELS) === binOf(Math.fround(exact), LEVELS) && value > 0 === Math.fround(exact) > 0
      const error = value === Math.fround(exact) ? 0 : Math.abs(value - exact)
      if (!isSame || (isEntry && !(value > 0)) || !(error <= TABLE_ERROR + ROUNDING * Math.max(1, exact))) {
        throw new Error(`subcomponent ${c} at h = ${h}: ${value}, exactly ${exact}`)
      }
      if (value > 0) found.active += 1
      if (value > 0 && value < 1) found.between += 1
    }
    if (entry !== rowStarts[row + 1]) throw new Error(`row ${row} has other columns`)
  }
  expectSameByColumns(ci, inner, rowCount, C)
  return found
}

/** A harvest scans by columns: every entry must be the one that `evaluateSparse` gives. */
function expectSameByColumns(ci: ScalarCiFunction, inner: Float32Array, rowCount: number, C: number): void {
  const { rowStarts, columns, causalImportances } = ci.evaluateSparse(inner, rowCount)
  const byRows = new Map<number, number>()
  for (let row = 0; row < rowCount; row++) {
    for (let i = rowStarts[row] ?? 0; i < (rowStarts[row + 1] ?? 0); i++) {
      byRows.set((columns[i] ?? 0) * rowCount + row, causalImportances[i] ?? 0)
    }
  }
  const layout = { rowCount, sampledRows: Uint32Array.of(0, rowCount - 1) }
  const half = C >> 1
  const byColumns = new Map<number, number>()
  const all = Uint32Array.from({ length: C }, (_, column) => column)
  for (const blockColumns of [all.subarray(0, half), all.subarray(half)]) {
    const first = blockColumns[0] ?? 0
    const block = ci.scanColumns(transposeMatrix(inner, rowCount, C).subarray(first * rowCount), blockColumns, layout)
    for (let i = 0; i < blockColumns.length; i++) {
      for (let e = block.starts[i] ?? 0; e < (block.starts[i + 1] ?? 0); e++) {
        const row = block.rows[e] ?? 0
        byColumns.set((first + i) * rowCount + row, block.causalImportances[e] ?? 0)
        if (block.innerActivations[e] !== inner[row * C + first + i]) throw new Error(`another h at row ${row}`)
      }
      if (block.sampledActivations[2 * i + 1] !== inner[(rowCount - 1) * C + first + i])
        throw new Error('another sample')
    }
  }
  expect(byColumns.size).toBe(byRows.size)
  for (const place of byRows.keys()) {
    const h = inner[(place % rowCount) * C + Math.floor(place / rowCount)] ?? 0
    if (Math.abs(h) <= (ci.reaches[Math.floor(place / rowCount)] ?? 0))
      throw new Error(`CI above 0 at ${h}, within reach`)
  }
  for (const [place, value] of byRows) if (byColumns.get(place) !== value) throw new Error(`another CI at ${place}`)
}

async function modulesOf(files: Parameters<typeof readDecomposition>[0], every: number) {
  const { run, modules } = await readDecomposition(files)
  const sigmoid = run.sigmoidType
  if (!isScalarSigmoid(sigmoid)) throw new Error(sigmoid)
  const weights = modules.map(async ({ C, ciFunction }) => {
    const layers = await Promise.all(
      ciFunction.layers.map(async ({ W, b }) => ({ W: await W.read(), b: (await b.read()) ?? [] })),
    )
    const kept = Array.from({ length: Math.ceil(C / every) }, (_, i) => i * every)
    const pick = (numbers: Float32Array): Float32Array => {
      const width = numbers.length / C
      return Float32Array.from(kept.flatMap((c) => [...numbers.subarray(c * width, (c + 1) * width)]))
    }
    return { C: kept.length, layers: layers.map(({ W, b }) => ({ W: pick(W), b: pick(Float32Array.from(b)) })) }
  })
  return { sigmoid, modules: await Promise.all(weights) }
}

describe('createScalarCiFunction decides every level as the exact function does', () => {
  test.each(['llama-mlp', 'llama-simple-pairs-bias', 'gpt2-simple-mlp', 'gpt2-mlp'])('%s', async (name) => {
    const { sigmoid, modules } = await modulesOf(oracleFiles(name), 1)
    let between = 0
    for (const [i, weights] of modules.entries()) between += expectExactDecisions(weights, sigmoid, i).between
    expect(between).toBeGreaterThan(1000)
  })

  test('the demo run', async () => {
    const { sigmoid, modules } = await modulesOf(demoRunFiles(), 48)
    let between = 0
    for (const [i, weights] of modules.entries()) between += expectExactDecisions(weights, sigmoid, i).between
    expect(between).toBeGreaterThan(10_000)
  }, 60_000)

  /** A function at random: hidden weights of the size `steep`, out weights of the size `out`. */
  function draw(seed: number, C: number, steep: Draw, out: Draw): ScalarCiWeights {
    const random = createRandom(seed)
    const width = 1 + Math.floor(random(12))
    const numbers = (count: number, size: () => number): Float32Array =>
      Float32Array.from({ length: count }, () => (random(2) - 1) * size())
    const hidden = { W: numbers(C * width, () => steep(random(1))), b: numbers(C * width, () => 4) }
    return { C, layers: [hidden, { W: numbers(C * width, () => out(random(1))), b: numbers(C, () => 1) }] }
  }

  test.each<[string, Draw, Draw]>([
    ['of ordinary size', () => 1.5, () => 1],
    ['of all sizes', (x) => 10 ** (8 * x - 4), (x) => 10 ** (4 * x - 2)],
    ['steep', () => 1e4, () => 1],
    ['with many crossings', () => 3, () => 20],
    ['with huge out weights', () => 1, () => 1e6],
    ['with huge weights', () => 1e12, () => 1e12],
    ['with the largest weights', () => 3e38, () => 3e38],
    ['with subnormal hidden weights', () => 1e-40, () => 1],
    ['with subnormal out weights', () => 1, () => 1e-40],
    ['of zero', () => 0, () => 0],
  ])(
    'functions %s',
    (_, steep, out) => {
      for (const [i, sigmoid] of (['leaky_hard', 'hard', 'upper_leaky_hard'] as const).entries()) {
        for (let seed = 0; seed < 8; seed++) expectExactDecisions(draw(100 * seed + i, 8, steep, out), sigmoid, seed)
      }
    },
    60_000,
  )

  test('functions that cancel far from 0', () => {
    // γ = a GELU(h) − a GELU(h) − 0.5: float64 loses the 0.5 at large h, and the decision must be what float64 gives.
    const cancelling = (a: number, b: number, last: number): ScalarCiWeights => ({
      C: 1,
      layers: [
        { W: Float32Array.of(1, 1.5), b: Float32Array.of(0.25, b) },
        { W: Float32Array.of(1.5 * a, -a), b: Float32Array.of(last) },
      ],
    })
    for (const a of [1, 0.1, 3e5]) {
      for (const last of [-0.5, 0.5, 1.5]) expectExactDecisions(cancelling(a, 0.3, last), 'leaky_hard', 1)
    }
  })
})

describe('evaluateSparse', () => {
  const identity = { C: 2, layers: [{ W: Float32Array.of(1, 1), b: Float32Array.of(0, 0) }] }

  test('leaves out zeros, row by row, with and without whole tiles of rows', () => {
    const ci = createScalarCiFunction(identity, 'hard')
    const rows = Array.from({ length: 19 }, (_, row) => [row % 3 === 0 ? -1 : row / 32, row === 4 ? 2 : 0])
    const { rowCount, rowStarts, columns, causalImportances } = ci.evaluateSparse(Float32Array.from(rows.flat()), 19)
    expect(rowCount).toBe(19)
    const read = rows.map((_, row) => {
      const range = Array.from({ length: (rowStarts[row + 1] ?? 0) - (rowStarts[row] ?? 0) }, (_, i) => i)
      return range.map((i) => [columns[(rowStarts[row] ?? 0) + i], causalImportances[(rowStarts[row] ?? 0) + i]])
    })
    const first = (row: number): number[][] => (row % 3 === 0 ? [] : [[0, row / 32]])
    expect(read).toEqual(
      rows.map((_, row) =>
        row === 4
          ? [
              [0, 4 / 32],
              [1, 1],
            ]
          : first(row),
      ),
    )
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses an inner activation of %f',
    (h) => {
      const dead = {
        C: 1,
        layers: [
          { W: Float32Array.of(1), b: Float32Array.of(0) },
          { W: Float32Array.of(0), b: Float32Array.of(-1) },
        ],
      }
      for (const weights of [identity, dead]) {
        for (const rows of [1, 8]) {
          const numbers = new Float32Array(rows * weights.C)
          numbers[(rows - 1) * weights.C] = h
          expect(() => createScalarCiFunction(weights, 'hard').evaluateSparse(numbers, rows)).toThrow(
            `inner activation of subcomponent 0: ${h}, expected a finite number`,
          )
        }
      }
    },
  )

  test('refuses weights that are not numbers', () => {
    const layers = [
      { W: Float32Array.of(Number.NaN), b: Float32Array.of(0) },
      { W: Float32Array.of(1), b: Float32Array.of(-1) },
    ]
    expect(() => createScalarCiFunction({ C: 1, layers }, 'hard').evaluateSparse(Float32Array.of(1), 1)).toThrow(
      'pre-sigmoid importance of subcomponent 0: NaN, expected a finite number',
    )
  })
})
