import type { OpenSession } from '../graph/InferenceSession.ts'
import { setLastLayer } from './CiNumbers.ts'
import type { ModuleInputs } from './collectModuleInputs.ts'
import { type MeasuredModule, measurePreSigmoid } from './measurePreSigmoid.ts'
import { placeCrossing } from './placeCrossing.ts'
import type { FiringPlan } from './planFiring.ts'

/** Subcomponents measured together. */
const CHUNK = 128
/** Enough positions to see a subcomponent fire so often, and never fewer than that, are looked at. */
const WANTED_FIRINGS = 20
const LEAST_POSITIONS = 2048
/** Standard deviation of γ over positions: CI is strictly between 0 and 1 for part of the firings only. */
const ACTIVE_DEVIATION = 2
/** A dead subcomponent's γ moves little, and stays so many standard deviations below the threshold. */
const DEAD_DEVIATION = 0.25
const DEAD_DISTANCE = 20
/** The same from the largest γ measured. */
const DEAD_DISTANCE_FROM_LARGEST = 10

/**
 * Sets the last layers of the module's CI functions, in place, so that each active subcomponent of `plan` fires at its
 * share of the positions of `inputs`, and no dead one at any. One that is rarer than a sample can show fires at the
 * sample's one strongest position.
 */
export async function calibrateModule(
  openSession: OpenSession,
  module: MeasuredModule,
  plan: FiringPlan,
  inputs: ModuleInputs,
  threshold: number,
): Promise<void> {
  for (const chunk of chunksOf(plan.active)) {
    const [rarest] = chunk
    const count = positionsFor(rarest?.density ?? 1, inputs.positionCount)
    const subcomponents = chunk.map(({ subcomponent }) => subcomponent)
    const measured = await measurePreSigmoid(openSession, module, subcomponents, inputs, count)
    for (const [i, { subcomponent, density }] of chunk.entries()) {
      const values = measured.subarray(i * count, (i + 1) * count)
      const { gain, bias } = fitActive(values, density, threshold)
      setLastLayer(module.ciNumbers, subcomponent, gain, bias)
    }
  }
  const extremes = largestInputs(inputs, LEAST_POSITIONS)
  const count = extremes.positionCount
  for (const subcomponents of chunksOf(plan.dead)) {
    const measured = await measurePreSigmoid(openSession, module, subcomponents, extremes, count)
    for (const [i, subcomponent] of subcomponents.entries()) {
      const { gain, bias } = fitDead(measured.subarray(i * count, (i + 1) * count), threshold)
      setLastLayer(module.ciNumbers, subcomponent, gain, bias)
    }
  }
}

/** γ becomes `gain` γ + `bias`. */
interface LastLayerFit {
  readonly gain: number
  readonly bias: number
}

/** Reorders `values`. */
function fitActive(values: Float32Array, density: number, threshold: number): LastLayerFit {
  const sign = signOfLongerTail(values)
  multiplyInPlace(values, sign)
  const { deviation } = momentsOf(values)
  const gain = ACTIVE_DEVIATION / deviation
  const crossing = placeCrossing(values, density, deviation)
  return { gain: sign * gain, bias: threshold - gain * crossing }
}

function fitDead(values: Float32Array, threshold: number): LastLayerFit {
  const sign = -signOfLongerTail(values)
  multiplyInPlace(values, sign)
  const { mean, deviation, largest } = momentsOf(values)
  const gain = DEAD_DEVIATION / deviation
  const farthest = Math.max(mean + DEAD_DISTANCE * deviation, largest + DEAD_DISTANCE_FROM_LARGEST * deviation)
  return { gain: sign * gain, bias: threshold - gain * farthest }
}

/** −1 where the least value is further from the mean than the largest: only a long tail has room for rare firings. */
function signOfLongerTail(values: Float32Array): number {
  const { mean, largest } = momentsOf(values)
  const least = values.reduce((a, b) => Math.min(a, b))
  return mean - least > largest - mean ? -1 : 1
}

/** The `most` rows of largest norm: at the start of a story attention averages few values, and inputs are many times longer. */
function largestInputs({ rows, dIn, positionCount }: ModuleInputs, most: number): ModuleInputs {
  const squares = Float64Array.from({ length: positionCount }, (_, place) => {
    let sum = 0
    for (let i = place * dIn; i < (place + 1) * dIn; i++) sum += (rows[i] ?? 0) ** 2
    return sum
  })
  const places = Uint32Array.from(squares.keys())
    .sort((a, b) => (squares[b] ?? 0) - (squares[a] ?? 0))
    .subarray(0, most)
  const taken = new Float32Array(places.length * dIn)
  for (const [i, place] of places.entries()) taken.set(rows.subarray(place * dIn, (place + 1) * dIn), i * dIn)
  return { rows: taken, dIn, positionCount: places.length }
}

function multiplyInPlace(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = factor * (values[i] ?? 0)
}

function positionsFor(density: number, available: number): number {
  return Math.min(available, Math.max(LEAST_POSITIONS, Math.ceil(WANTED_FIRINGS / density)))
}

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += CHUNK) yield items.slice(start, start + CHUNK)
}

interface Moments {
  readonly mean: number
  readonly deviation: number
  readonly largest: number
}

function momentsOf(values: Float32Array): Moments {
  let sum = 0
  let largest = Number.NEGATIVE_INFINITY
  for (const value of values) {
    sum += value
    largest = Math.max(largest, value)
  }
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / values.length), largest }
}
