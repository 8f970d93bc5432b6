import { readKept } from '../../core/bundle/keptSubcomponents.ts'
import type { Manifest } from '../../core/bundle/manifest.ts'
import { invariant } from '../../core/errors/invariant.ts'
import { buildProductGraph } from '../../core/graph/buildProductGraph.ts'
import { causalImportancePort, innerActivationPort, LOGITS, readVectorsName } from '../../core/graph/ports.ts'
import { transposeMatrix } from '../../core/graph/transposeMatrix.ts'
import type { StoryCounterOptions } from '../../core/inference/createStoryCounter.ts'
import {
  columnsOfGraph,
  columnsOfLookup,
  columnsOfProduct,
  noColumns,
  type ReadColumns,
} from '../../core/inference/readColumns.ts'
import { hasScalarCiFunctions, readScalarCiFunction } from '../../core/inference/readScalarCiFunction.ts'
import { createProductFinder } from '../../core/onnx/createProductFinder.ts'
import { exposeValues } from '../../core/onnx/exposeValues.ts'
import { pruneGraph } from '../../core/onnx/pruneGraph.ts'
import { splitGraph } from '../../core/onnx/splitGraph.ts'
import { createOpenSession } from '../node/createOpenSession.ts'
import type { BundleFolder } from '../node/openBundleFolder.ts'
import { openGraphSession } from '../node/openBundleSession.ts'
import { readBundleWeights } from '../node/readBundleWeights.ts'
import type { HarvestPlan } from './HarvestPlan.ts'

/** What is opened of a bundle for counting. */
export type OpenedModel = Pick<StoryCounterOptions, 'session' | 'head' | 'columns'>

/** How `observe` is run. */
export interface ModelOptions {
  /** Thresholds at which activity is decided, ascending. */
  readonly levels: readonly number[]
  /** Whether logits of sampled positions are wanted. */
  readonly hasSample: boolean
  /** Threads of ONNX Runtime. */
  readonly threads: number
  readonly provider: HarvestPlan['provider']
}

/** Rows of a batch whose columns are scanned: more gain nothing, and 4,096 are the most that the log holds in 2 bytes. */
const SCANNED_BATCH_ROWS = 1024
/** Where the graph gives all columns at once: bytes of a batch's outputs, about, and bounds of its rows. */
const BATCH_BYTES = 128 * 2 ** 20
const MIN_BATCH_ROWS = 32
const MAX_BATCH_ROWS = 512

/** Opens `observe` to be counted; CI functions that cost less outside the graph are evaluated there. */
export function openModel(bundle: BundleFolder, options: ModelOptions): Promise<OpenedModel> {
  return hasScalarCiFunctions(bundle.manifest.run) ? openScannedModel(bundle, options) : openGraphModel(bundle, options)
}

/** All inner activations and causal importances from the graph. */
export async function openGraphModel(bundle: BundleFolder, options: ModelOptions): Promise<OpenedModel> {
  const { modules, graphs } = bundle.manifest
  const kept = modules.filter((module) => readKept(module).count > 0)
  const outputs = kept.flatMap(({ path }) => [innerActivationPort(path), causalImportancePort(path)])
  const columns = modules.map((module): ReadColumns => {
    const { count } = readKept(module)
    return count === 0 ? noColumns : columnsOfGraph(module.path, count)
  })
  return { ...(await openSessions(bundle, await bundle.read(graphs.observe), outputs, options)), columns }
}

/** The modules' inputs alone from the graph; the products with V, column by column, and the CI functions outside it. */
export async function openScannedModel(bundle: BundleFolder, options: ModelOptions): Promise<OpenedModel> {
  const { modules, graphs } = bundle.manifest
  const graph = await bundle.read(graphs.observe)
  const inputOf = createProductFinder(graph)
  const read = await readScannedModule(bundle, options.levels)
  const product = await createOpenSession(options.threads, options.provider)(buildProductGraph(), [])
  const inputs = new Set<string>()
  const columns = modules.map((module): ReadColumns => {
    if (readKept(module).count === 0) return noColumns
    if (module.role === 'embedding') return columnsOfLookup(read(module))
    const input = inputOf(innerActivationPort(module.path))
    inputs.add(input)
    return columnsOfProduct(read(module), input, product)
  })
  return { ...(await openSessions(bundle, exposeValues(graph, inputs), [...inputs], options)), columns }
}

/** Rows of a batch: of the bundle alone, so that every shard and thread has the same batches. */
export function batchRows({ modules, run }: Pick<Manifest, 'modules' | 'run'>): number {
  if (hasScalarCiFunctions(run)) return SCANNED_BATCH_ROWS
  const columns = modules.reduce((sum, module) => sum + readKept(module).count, 0)
  const rows = Math.floor(BATCH_BYTES / (8 * Math.max(1, columns)))
  return Math.max(MIN_BATCH_ROWS, Math.min(MAX_BATCH_ROWS, rows))
}

/** Sessions on what `outputs` and the logits of sampled positions need. */
async function openSessions(
  bundle: BundleFolder,
  graph: Uint8Array,
  outputs: readonly string[],
  { hasSample, threads, provider }: ModelOptions,
): Promise<Pick<OpenedModel, 'session' | 'head'>> {
  const open = (bytes: Uint8Array) => openGraphSession(bundle, 'observe', bytes, threads, provider)
  // A run of embeddings alone reads nothing but ids.
  if (!hasSample) return { session: await open(pruneGraph(graph, outputs.length > 0 ? outputs : [LOGITS])), head: null }
  const { body, head, cut } = splitGraph(graph, LOGITS, outputs)
  return { session: await open(body), head: { session: await open(head), cut } }
}

/** Reads Vᵀ and the CI functions of modules. */
async function readScannedModule(bundle: BundleFolder, levels: readonly number[]) {
  const { run } = bundle.manifest
  const readWeight = await readBundleWeights(bundle, 'observe')
  return (module: Manifest['modules'][number]) => {
    const ciFunction = readScalarCiFunction(run, module, readWeight, levels)
    invariant(ciFunction !== null, `${module.path} has no scalar CI function`)
    const { data, dims } = readWeight(readVectorsName(module.path))
    const [rows = 0, columnCount = 0] = dims
    return { columnCount, readVectors: transposeMatrix(data, rows, columnCount), ciFunction }
  }
}
