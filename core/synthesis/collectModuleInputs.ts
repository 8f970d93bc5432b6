import type { TargetModel } from '../decomposition/TargetModel.ts'
import { invariant } from '../errors/invariant.ts'
import { buildTargetModel } from '../graph/buildTargetModel.ts'
import { GraphContext } from '../graph/GraphContext.ts'
import type { OpenSession } from '../graph/InferenceSession.ts'
import { uniformPrecision } from '../graph/Precision.ts'
import { IDS } from '../graph/ports.ts'
import { addBias, lookUpEmbedding, multiplyByWeight } from '../graph/targetWeights.ts'
import { WeightPlan } from '../graph/WeightPlan.ts'
import { floatOutput } from '../inference/floatOutput.ts'
import { storyIds } from '../inference/storyIds.ts'
import { pruneGraph } from '../onnx/pruneGraph.ts'
import { openPlannedGraph } from './openPlannedGraph.ts'

/** What a module reads at the positions of a sample. */
export interface ModuleInputs {
  /** float32[positions, d_in], in random order, so that the first n rows are a sample too. */
  readonly rows: Float32Array
  readonly dIn: number
  readonly positionCount: number
}

/** Positions of whole stories, each with the place its row gets. */
export interface PositionSample {
  readonly stories: readonly (readonly number[])[]
  /** A permutation of the positions of all stories, in their order. */
  readonly places: Uint32Array
}

/** The inputs of the linear modules at `paths`, by path; modules that read the same share the same array. */
export async function collectModuleInputs(
  openSession: OpenSession,
  target: TargetModel,
  paths: readonly string[],
  { stories, places }: PositionSample,
): Promise<ReadonlyMap<string, ModuleInputs>> {
  const plan = new WeightPlan()
  const { graph, sources } = buildModuleInputGraph(target, plan, paths)
  const positionCount = places.length
  const collected = new Map<string, ModuleInputs>()
  for (const { port, dIn } of sources.values()) {
    if (collected.has(port)) continue
    collected.set(port, { rows: new Float32Array(positionCount * dIn), dIn, positionCount })
  }
  const session = await openPlannedGraph(openSession, graph, plan)
  let start = 0
  for (const ids of stories) {
    const outputs = await session.run({ [IDS]: storyIds(ids, limitsOf(target)) })
    for (const [port, { rows, dIn }] of collected) {
      const found = floatOutput(outputs, port)
      for (let i = 0; i < ids.length; i++) {
        rows.set(found.subarray(i * dIn, (i + 1) * dIn), (places[start + i] ?? 0) * dIn)
      }
    }
    start += ids.length
  }
  await session.close()
  invariant(start === positionCount, `stories have ${start} positions, places are for ${positionCount}`)
  return new Map(
    [...sources].map(([path, { port }]) => {
      const inputs = collected.get(port)
      invariant(inputs !== undefined, `nothing was collected of ${port}`)
      return [path, inputs]
    }),
  )
}

const limitsOf = ({ vocabularySize, contextLength }: TargetModel) => ({
  vocabulary_size: vocabularySize,
  context_length: contextLength,
})

interface InputSource {
  readonly port: string
  readonly dIn: number
}

/** The target model up to the last of `paths`, its outputs what each of them reads. */
function buildModuleInputGraph(
  target: TargetModel,
  plan: WeightPlan,
  paths: readonly string[],
): { readonly graph: Uint8Array; readonly sources: ReadonlyMap<string, InputSource> } {
  const context = new GraphContext('module_inputs', plan, uniformPrecision('f32'))
  const g = context.builder
  const sources = new Map<string, InputSource>()
  const ports = new Map<string, string>()
  buildTargetModel(context, target, g.input(IDS, 'int64', [1, 'positions']), {
    lookUp: (embedding, tokens) => lookUpEmbedding(context, target, embedding, tokens),
    applyLinear: (linear, x) => {
      if (paths.includes(linear.path)) {
        const port = ports.get(x.name) ?? `module_input/${linear.path}`
        if (!ports.has(x.name)) g.output(port, x, [1, 'positions', linear.dIn])
        ports.set(x.name, port)
        sources.set(linear.path, { port, dIn: linear.dIn })
      }
      return addBias(context, linear, multiplyByWeight(context, target, linear, x))
    },
  })
  const missed = paths.filter((path) => !sources.has(path))
  invariant(missed.length === 0, `the target model has no matrices ${missed}`)
  return { graph: pruneGraph(g.write(), [...new Set(ports.values())]), sources }
}
