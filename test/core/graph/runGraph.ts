import type { WeightTensor } from '../../../core/bytes/WeightTensor.ts'
import type { Decomposition } from '../../../core/decomposition/Decomposition.ts'
import { buildGraphs } from '../../../core/graph/buildGraphs.ts'
import { externalDataOf } from '../../../core/graph/externalDataOf.ts'
import type { GraphTensor } from '../../../core/graph/InferenceSession.ts'
import { type GraphPrecision, uniformPrecision } from '../../../core/graph/Precision.ts'
import { WeightPlan } from '../../../core/graph/WeightPlan.ts'
import { writeWeightPieces } from '../../../core/graph/writeWeightPieces.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'

/** A weight made of numbers. */
export function weightOf(key: string, shape: readonly number[], numbers: ArrayLike<number>): WeightTensor {
  return { key, shape, dtype: 'float32', read: async () => Float32Array.from(numbers) }
}

export type RunGraph = (
  graph: 'observe' | 'intervene',
  feeds: Readonly<Record<string, GraphTensor>>,
) => Promise<Readonly<Record<string, GraphTensor>>>

/** Builds the graphs of `decomposition` in memory and runs them with ONNX Runtime. */
export async function graphRunner(
  decomposition: Decomposition,
  plan = new WeightPlan(),
  precision: GraphPrecision = uniformPrecision('f32'),
): Promise<RunGraph> {
  const graphs = buildGraphs(decomposition, precision, plan)
  const pieces = new Map<string, Uint8Array>()
  for await (const { name, bytes } of writeWeightPieces(graphs.weights)) pieces.set(name, bytes)
  return async (graph, feeds) => {
    const externalData = externalDataOf(graphs[graph]).map((path) => {
      return { path, data: pieces.get(path) ?? new Uint8Array() }
    })
    const session = await createOpenSession(1)(graphs[graph], externalData)
    const outputs = await session.run(feeds)
    await session.close()
    return outputs
  }
}

export const idsOf = (...ids: number[]): GraphTensor => {
  return { type: 'int64', data: BigInt64Array.from(ids, BigInt), dims: [1, ids.length] }
}
/** Stories of one length, one a row. */
export const batchOf = (...stories: readonly (readonly number[])[]): GraphTensor => {
  const length = stories[0]?.length ?? 0
  return { type: 'int64', data: BigInt64Array.from(stories.flat(), BigInt), dims: [stories.length, length] }
}
export const scalarOf = (x: number): GraphTensor => ({ type: 'float32', data: Float32Array.of(x), dims: [] })

/** Numbers of an output. */
export function numbersOf(outputs: Readonly<Record<string, GraphTensor>>, name: string): number[] {
  return Array.from(outputs[name]?.data ?? [], Number)
}

/** Largest absolute difference of two equally long lists; NaN if they are not. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN
  return Array.from(a).reduce((largest, x, i) => Math.max(largest, Math.abs(x - (b[i] ?? Number.NaN))), 0)
}
