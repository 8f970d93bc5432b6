import { buildPreSigmoidImportance } from '../graph/buildCiFunction.ts'
import { GraphContext } from '../graph/GraphContext.ts'
import type { OpenSession } from '../graph/InferenceSession.ts'
import { uniformPrecision } from '../graph/Precision.ts'
import { readVectorsName } from '../graph/ports.ts'
import { WeightPlan } from '../graph/WeightPlan.ts'
import { floatOutput } from '../inference/floatOutput.ts'
import { matMul, transpose } from '../onnx/operators.ts'
import { asCiFunction, type CiNumbers, columnsOf, takeSubcomponents, tensorInMemory } from './CiNumbers.ts'
import type { ModuleInputs } from './collectModuleInputs.ts'
import { openPlannedGraph } from './openPlannedGraph.ts'

/** A module whose CI functions are to be measured. */
export interface MeasuredModule {
  readonly path: string
  readonly C: number
  readonly dOut: number
  /** float32[d_in, C] */
  readonly V: Float32Array
  readonly ciNumbers: CiNumbers
}

/** Positions that pass through the CI functions at a time: with 128 subcomponents of hidden width 12, 13 MB a value. */
const BATCH = 2048
const INPUT = 'module_input'
const OUTPUT = 'pre_sigmoid'

/** γ of `subcomponents` at the first `positionCount` positions of `inputs`, float32[subcomponents, positions]. */
export async function measurePreSigmoid(
  openSession: OpenSession,
  module: MeasuredModule,
  subcomponents: readonly number[],
  { rows, dIn }: ModuleInputs,
  positionCount: number,
): Promise<Float32Array> {
  const plan = new WeightPlan()
  const graph = buildPreSigmoidGraph(module, subcomponents, dIn, plan)
  const session = await openPlannedGraph(openSession, graph, plan)
  const measured = new Float32Array(subcomponents.length * positionCount)
  for (let start = 0; start < positionCount; start += BATCH) {
    const count = Math.min(BATCH, positionCount - start)
    const data = rows.subarray(start * dIn, (start + count) * dIn)
    const outputs = await session.run({ [INPUT]: { type: 'float32', data, dims: [1, count, dIn] } })
    const found = floatOutput(outputs, OUTPUT)
    for (let i = 0; i < subcomponents.length; i++) {
      measured.set(found.subarray(i * count, (i + 1) * count), i * positionCount + start)
    }
  }
  await session.close()
  return measured
}

function buildPreSigmoidGraph(
  { path, dOut, V, ciNumbers }: MeasuredModule,
  subcomponents: readonly number[],
  dIn: number,
  plan: WeightPlan,
): Uint8Array {
  const C = subcomponents.length
  const context = new GraphContext('pre_sigmoid', plan, uniformPrecision('f32'))
  const g = context.builder
  const x = g.input(INPUT, 'float32', [1, 'positions', dIn])
  const readVectors = tensorInMemory(`${path} V`, [dIn, C], columnsOf(V, dIn, subcomponents))
  const module = {
    path,
    layer: null,
    kind: '',
    role: { kind: 'linear' as const },
    dIn,
    dOut,
    C,
    V: readVectors,
    U: tensorInMemory(`${path} U`, [C, dOut], new Float32Array(0)),
    ciFunction: asCiFunction(path, takeSubcomponents(ciNumbers, subcomponents)),
  }
  const innerActivation = matMul(g, x, context.weight(readVectorsName(path), readVectors, 'v'))
  const preSigmoid = buildPreSigmoidImportance(context, module, { innerActivation, moduleInput: x })
  g.output(OUTPUT, transpose(g, preSigmoid, [0, 2, 1]), [1, C, 'positions'])
  return g.write()
}
