import { type PrunedModule, readKept } from '../bundle/keptSubcomponents.ts'
import { encodeSampledPositions } from '../bundle/sampledPositionsFile.ts'
import { invariant } from '../errors/invariant.ts'
import type { GraphTensor, InferenceSession } from '../graph/InferenceSession.ts'
import { IDS, LOGITS } from '../graph/ports.ts'
import type { Activity } from '../statistics/Activity.ts'
import { type BatchLayout, type BatchStory, countTokens, layOutBatch } from '../statistics/BatchLayout.ts'
import type { ActiveSubcomponents } from '../statistics/createActiveRows.ts'
import { createFiringLog, type FiringLog } from '../statistics/createFiringLog.ts'
import { createModuleCounter } from '../statistics/createModuleCounter.ts'
import type { SampledPositions } from '../statistics/SampledPositions.ts'
import { floatOutput } from './floatOutput.ts'
import { outputProbabilities } from './outputProbabilities.ts'
import type { Outputs, ReadColumns } from './readColumns.ts'
import { rowsOf } from './rowsOf.ts'

/** Runs stories and adds what fires to an activity. */
export interface StoryCounter {
  /** Runs some stories of the corpus, whole, from position 0, as one batch padded on the right. */
  add(batch: readonly BatchStory[]): Promise<void>
  /** Hands out the firing counts that are left; the activity is complete then. */
  finish(): void
}

export interface StoryCounterOptions {
  /** A session on `observe`, or what of it gives what `columns` read. */
  readonly session: InferenceSession
  /** Of what the logits of sampled positions are made; null where `session` gives all logits. */
  readonly head: { readonly session: InferenceSession; readonly cut: string } | null
  /** The manifest's modules. */
  readonly modules: readonly PrunedModule[]
  /** Where each module's columns come from. */
  readonly columns: readonly ReadColumns[]
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
      const outputs = await session.run({ [IDS]: idsOf(layout) })
      countTokens(activity.corpus, layout)
      log.startBatch(layout)
      const active: ActiveSubcomponents[] = []
      for (const count of modules) active.push(await count(layout, outputs))
      if (layout.sampledRows.length === 0) return
      const logits = await sampledLogits(layout, outputs, options)
      onSampledPositions(encodeSampledPositions(sampledPositions(layout, active, logits, activity)))
    },
    finish: log.finish,
  }
}

function openLog({ activity: { settings }, modules, logBytes, onRun }: StoryCounterOptions): FiringLog {
  const { vocabularySize, levels, threshold } = settings
  invariant(levels.includes(threshold), `the threshold ${threshold} is none of the levels`)
  const logged = modules.map((module) => ({
    shape: { C: module.c, vocabularySize, levelCount: levels.length },
    subcomponents: readKept(module).subcomponents,
  }))
  return createFiringLog({ modules: logged, logBytes, onRun })
}

type CountOutputs = (layout: BatchLayout, outputs: Outputs) => Promise<ActiveSubcomponents>

function openModule({ modules, columns, activity }: StoryCounterOptions, log: FiringLog, index: number): CountOutputs {
  const [module, read, moduleLog] = [modules[index], columns[index], log.modules[index]]
  invariant(module !== undefined && read !== undefined && moduleLog !== undefined, `no module ${index}`)
  const { subcomponents } = readKept(module)
  const counter = createModuleCounter({ activity, index, subcomponents, log: moduleLog })
  return async (layout, outputs) => {
    for await (const block of read(layout, outputs)) counter.add(layout, block)
    return counter.finish(layout)
  }
}

/** int64[B, T], padded with 0. */
function idsOf({ tokenIds, paddedRows, B, T }: BatchLayout): GraphTensor {
  const data = new BigInt64Array(B * T)
  for (const [row, id] of tokenIds.entries()) data[paddedRows[row] ?? 0] = BigInt(id)
  return { type: 'int64', data, dims: [B, T] }
}

/** Logits float32[sampled rows, vocabulary]. */
async function sampledLogits(
  { sampledRows, paddedRows }: BatchLayout,
  outputs: Outputs,
  { head, activity: { settings } }: StoryCounterOptions,
): Promise<Float32Array> {
  const rows = sampledRows.map((row) => paddedRows[row] ?? 0)
  if (head === null) return rowsOf(floatOutput(outputs, LOGITS), rows, settings.vocabularySize)
  const values = floatOutput(outputs, head.cut)
  const width = outputs[head.cut]?.dims.at(-1) ?? 0
  const data = rowsOf(values, rows, width)
  const made = await head.session.run({ [head.cut]: { type: 'float32', data, dims: [1, sampledRows.length, width] } })
  return floatOutput(made, LOGITS)
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
