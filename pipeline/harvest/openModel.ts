import { readKept } from '../../core/bundle/keptSubcomponents.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import { invariant } from '../../core/errors/invariant.ts'
import { LOGITS } from '../../core/graph/ports.ts'
import {
  counterOutputs,
  type EvaluateSparseCi,
  type StoryCounterOptions,
} from '../../core/inference/createStoryCounter.ts'
import { hasScalarCiFunctions, readScalarCiFunction } from '../../core/inference/readScalarCiFunction.ts'
import { pruneGraph } from '../../core/onnx/pruneGraph.ts'
import { splitGraph } from '../../core/onnx/splitGraph.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { openGraphSession } from '../node/openBundleSession.ts'
import { readBundleWeights } from '../node/readBundleWeights.ts'
import type { HarvestPlan } from './HarvestPlan.ts'

/** What is opened of a bundle for counting. */
export type OpenedModel = Pick<StoryCounterOptions, 'session' | 'head' | 'evaluate'>

/** Bytes of a batch's outputs, about. */
const BATCH_BYTES = 128 * 2 ** 20
const MIN_BATCH_ROWS = 32
const MAX_BATCH_ROWS = 512

/** Opens `observe` on `threads` threads of ONNX Runtime; logits are made of sampled positions alone. */
export async function openModel(bundle: BundleFolder, plan: HarvestPlan, threads: number): Promise<OpenedModel> {
  const { modules, run, graphs } = bundle.manifest
  const evaluatesCi = hasScalarCiFunctions(run)
  const evaluate = evaluatesCi ? await readCiFunctions(bundle, plan.settings.levels) : modules.map(() => null)
  const outputs = counterOutputs(modules, evaluatesCi)
  const graph = await bundle.read(graphs.observe)
  const open = (bytes: Uint8Array) => openGraphSession(bundle, 'observe', bytes, threads, plan.provider)
  if (plan.settings.sample_share === 0) return { session: await open(pruneGraph(graph, outputs)), head: null, evaluate }
  const { body, head, cut } = splitGraph(graph, LOGITS, outputs)
  return { session: await open(body), head: { session: await open(head), cut }, evaluate }
}

/** Rows of a batch: of the bundle alone, so that every shard and thread has the same batches. */
export function batchRows({ modules, run }: Pick<Manifest, 'modules' | 'run'>): number {
  const columns = modules.reduce((sum, module) => sum + readKept(module).count, 0)
  const outputs = hasScalarCiFunctions(run) ? 1 : 2
  const rows = Math.floor(BATCH_BYTES / (4 * outputs * Math.max(1, columns)))
  return Math.max(MIN_BATCH_ROWS, Math.min(MAX_BATCH_ROWS, rows))
}

/** The CI functions of every module, which cost less here than in the graph. */
async function readCiFunctions(bundle: BundleFolder, levels: readonly number[]): Promise<EvaluateSparseCi[]> {
  const { modules, run } = bundle.manifest
  const readWeight = await readBundleWeights(bundle, 'observe')
  return modules.map((module) => {
    const ciFunction = readScalarCiFunction(run, module, readWeight, levels)
    invariant(ciFunction !== null, `${module.path} has no scalar CI function`)
    return ciFunction.evaluateSparse
  })
}
