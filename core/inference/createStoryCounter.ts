import { type PrunedModule, readKept } from '../bundle/keptSubcomponents.ts'
import { encodeSampledPositions } from '../bundle/sampledPositionsFile.ts'
import { invariant } from '../errors/invariant.ts'
import type { GraphTensor, InferenceSession } from '../graph/InferenceSession.ts'
import { causalImportancePort, IDS, innerActivationPort, LOGITS } from '../graph/ports.ts'
import type { Activity } from '../statistics/Activity.ts'
import { type BatchLayout, type BatchStory, countTokens, layOutBatch } from '../statistics/BatchLayout.ts'
import { createFiringLog, type FiringLog } from '../statistics/createFiringLog.ts'
import { type ActiveSubcomponents, createModuleCounter } from '../statistics/createModuleCounter.ts'
import type { SampledPositions } from '../statistics/SampledPositions.ts'
import { floatOutput } from './floatOutput.ts'
import { outputProbabilities } from './outputProbabilities.ts'
import type { SparseCi } from './SparseCi.ts'
import { sparseOf } from './sparseOf.ts'

/** The causal importances of the inner activations float32[rows, columns] of one module. */
export type EvaluateSparseCi = (innerActivations: Float32Array, rowCount: number) => SparseCi

/** Runs stories and adds what fires to an activity. */
export interface StoryCounter {
  /** Runs some stories of the corpus, whole, from position 0, as one batch padded on the right. */
  add(batch: readonly BatchStory[]): Promise<void>
  /** Hands out the firing counts that are left; the activity is complete then. */
  finish(): void
}

export interface StoryCounterOptions {
  /** A session on `observe` or its body (splitGraph), with the outputs of `counterOutputs`. */
  readonly session: InferenceSession
  /** Of what the logits of sampled positions are made; null where `session` gives all logits. */
  readonly head: { readonly session: InferenceSession; readonly cut: string } | null
  /** The manifest's modules. */
  readonly modules: readonly PrunedModule[]
  /** CI of each module from its inner activations; null takes what the graph computes. */
  readonly evaluate: readonly (EvaluateSparseCi | null)[]
  readonly activity: Activity
  /** Bytes of the log of firings (FiringLog). */
  readonly logBytes?: number
  /** Takes a sorted run of firing counts of module `index`, as often as the log is full and at the end. */
  readonly onRun: (index: number, bytes: Uint8Array<ArrayBuffer>) => void
  /** Takes a block of sampled positions (encodeSampledPositions). */
  readonly onSampledPositions: (bytes: Uint8Array<ArrayBuffer>) => void
}

/** A counter that runs `options.session` and adds to `options.activity`. */
export function createStoryCounter(options: StoryCounterOptions): StoryCounter {
  const { activity, session, onSampledPositions } = options
  const log = openLog(options)
  const modules = options.modules.map((_, index) => openModule(options, log, index))
  return {
    add: async (batch) => {
      const layout = layOutBatch(batch, activity.settings)
      const outputs = await session.run({ [IDS]: idsOf(layout, batch.length) })
      countTokens(activity.corpus, layout)
      const active = modules.map((count) => count(layout, outputs))
      if (layout.sampledRows.length === 0) return
      const logits = await sampledLogits(layout, outputs, options)
      onSampledPositions(encodeSampledPositions(sampledPositions(layout, active, logits, activity)))
    },
    finish: log.finish,
  }
}

/** Outputs a counter reads beside the logits, or what they are made of. */
export function counterOutputs(modules: readonly PrunedModule[], evaluatesCi: boolean): string[] {
  const paths = modules.filter((module) => readKept(module).count > 0).map(({ path }) => path)
  const inner = paths.map(innerActivationPort)
  return evaluatesCi ? inner : [...inner, ...paths.map(causalImportancePort)]
}

type Outputs = Readonly<Record<string, GraphTensor>>

function openLog({ activity, logBytes, onRun }: StoryCounterOptions): FiringLog {
  const { vocabularySize, levels, threshold, modules } = activity.settings
  const activeLevel = levels.indexOf(threshold)
  invariant(activeLevel >= 0, `the threshold ${threshold} is none of the levels`)
  const counted = activity.modules.map(({ binCounts, blockCounts }, i) => ({
    shape: { C: modules[i]?.C ?? 0, vocabularySize, levelCount: levels.length },
    binCounts,
    blockCounts,
    activeLevel,
  }))
  return createFiringLog({ modules: counted, logBytes, onRun })
}

type CountOutputs = (layout: BatchLayout, outputs: Outputs) => ActiveSubcomponents

function openModule({ modules, evaluate, activity }: StoryCounterOptions, log: FiringLog, index: number): CountOutputs {
  const module = modules[index]
  const moduleLog = log.modules[index]
  invariant(module !== undefined && moduleLog !== undefined, `no module ${index}`)
  const { path } = module
  const { subcomponents, count: columnCount } = readKept(module)
  if (columnCount === 0) return noneActive
  const count = createModuleCounter({ activity, index, subcomponents, log: moduleLog })
  const evaluateModule = evaluate[index] ?? null
  return (layout, outputs) => {
    const innerActivations = floatOutput(outputs, innerActivationPort(path))
    invariant(innerActivations.length === layout.rowCount * columnCount, `${path}: ${innerActivations.length} numbers`)
    const causalImportances =
      evaluateModule === null
        ? sparseOf(floatOutput(outputs, causalImportancePort(path)), layout.rowCount, columnCount)
        : evaluateModule(innerActivations, layout.rowCount)
    return count({ layout, innerActivations, causalImportances })
  }
}

function noneActive({ sampledRows }: BatchLayout): ActiveSubcomponents {
  return { starts: new Uint32Array(sampledRows.length + 1), subcomponents: new Uint32Array(0) }
}

/** int64[B, T] */
function idsOf({ tokenIds, T, rowCount }: BatchLayout, B: number): GraphTensor {
  const data = new BigInt64Array(rowCount)
  for (let row = 0; row < rowCount; row++) data[row] = BigInt(tokenIds[row] ?? 0)
  return { type: 'int64', data, dims: [B, T] }
}

/** Logits float32[sampled rows, vocabulary]. */
async function sampledLogits(
  { sampledRows }: BatchLayout,
  outputs: Outputs,
  { head, activity: { settings } }: StoryCounterOptions,
): Promise<Float32Array> {
  if (head === null) return rowsOf(floatOutput(outputs, LOGITS), sampledRows, settings.vocabularySize)
  const values = floatOutput(outputs, head.cut)
  const width = outputs[head.cut]?.dims.at(-1) ?? 0
  const data = rowsOf(values, sampledRows, width)
  const made = await head.session.run({ [head.cut]: { type: 'float32', data, dims: [1, sampledRows.length, width] } })
  return floatOutput(made, LOGITS)
}

function rowsOf(matrix: Float32Array, rows: Uint32Array, width: number): Float32Array {
  const chosen = new Float32Array(rows.length * width)
  for (const [r, row] of rows.entries()) chosen.set(matrix.subarray(row * width, (row + 1) * width), r * width)
  return chosen
}

function sampledPositions(
  { sampledRows, stories, positions, tokenIds }: BatchLayout,
  modules: readonly ActiveSubcomponents[],
  logits: Float32Array,
  { settings: { vocabularySize } }: Activity,
): SampledPositions {
  return {
    rowCount: sampledRows.length,
    stories: sampledRows.map((row) => stories[row] ?? 0),
    positions: sampledRows.map((row) => positions[row] ?? 0),
    tokenIds: sampledRows.map((row) => tokenIds[row] ?? 0),
    outputs: outputProbabilities(logits, sampledRows.length, vocabularySize),
    modules,
  }
}
