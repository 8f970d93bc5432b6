import { parentPort, workerData } from 'node:worker_threads'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import {
  counterOutputs,
  createStoryCounter,
  type EvaluateCi,
  type StoryCounter,
} from '../../core/inference/formerStoryCounter.ts'
import { hasScalarCiFunctions, readScalarCiFunction } from '../../core/inference/readScalarCiFunction.ts'
import { type Activity, createActivity } from '../../core/statistics/formerActivity.ts'
import { type BundleFolder, openBundleFolder } from '../node/openBundleFolder.ts'
import { openBundleSession } from '../node/openBundleSession.ts'
import { readBundleWeights } from '../node/readBundleWeights.ts'
import type { HarvestReply, HarvestRequest, HarvestWorkerData } from './HarvestMessage.ts'

/** One of the threads of a harvest: its own session on one thread, its own counts. */
const port = parentPort
invariant(port !== null, 'a harvest worker runs as a worker')
// workerData is untyped; startHarvestWorker is the only one to start this file.
const data = workerData as HarvestWorkerData
const activity = createActivity(data.settings)
const counter = openCounter(activity)
// The first request reports it; without this, a rejection before it would end the process.
counter.catch(() => undefined)

let answered: Promise<void> = Promise.resolve()
port.on('message', (request: HarvestRequest) => {
  answered = answered.then(() => answer(request))
})

async function answer(request: HarvestRequest): Promise<void> {
  try {
    if (request.kind === 'finish') return reply({ kind: 'finished', activity }, buffersOf(activity))
    const { add } = await counter
    for (const { story, ids } of request.stories) await add(story, ids)
    reply({ kind: 'counted' })
  } catch (error) {
    const isForeseen = error instanceof AtlasError
    reply({
      kind: 'failed',
      code: isForeseen ? error.code : null,
      message: error instanceof Error ? error.message : String(error),
      details: isForeseen ? error.details : {},
    })
  }
}

function reply(message: HarvestReply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer)
}

async function openCounter(counted: Activity): Promise<StoryCounter> {
  const bundle = await openBundleFolder(data.bundle)
  const { modules, run, target_model } = bundle.manifest
  const evaluate = hasScalarCiFunctions(run) ? await readCiFunctions(bundle) : null
  const paths = modules.map(({ path }) => path)
  const outputs = counterOutputs(paths, evaluate !== null)
  const session = await openBundleSession(bundle, 'observe', { outputs, threads: 1 })
  return createStoryCounter(session, counted, target_model, evaluate)
}

/** The CI functions of every module, which cost less here than in the graph. */
async function readCiFunctions(bundle: BundleFolder): Promise<EvaluateCi[]> {
  const readWeight = await readBundleWeights(bundle, 'observe')
  return bundle.manifest.modules.map((module) => {
    const ciFunction = readScalarCiFunction(bundle.manifest.run, module, readWeight)
    invariant(ciFunction !== null, `${module.path} has no scalar CI function`)
    return ciFunction.evaluate
  })
}

function buffersOf({ occurrences, modules }: Activity): ArrayBuffer[] {
  const arrays = modules.flatMap(({ tokenCounts, ciSums }) => [tokenCounts, ciSums])
  return [occurrences, ...arrays].map(({ buffer }) => {
    invariant(buffer instanceof ArrayBuffer, 'counts lie in memory of the worker')
    return buffer
  })
}
