import { Worker } from 'node:worker_threads'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { Activity } from '../../core/statistics/formerActivity.ts'
import type { EncodedStory, HarvestReply, HarvestRequest, HarvestWorkerData } from './HarvestMessage.ts'

/** One thread of a harvest, as the main thread sees it. */
export interface HarvestWorker {
  /** Runs stories and counts what fires; resolves when they are counted. */
  count(stories: readonly EncodedStory[]): Promise<void>
  /** All it has counted; nothing can be counted afterwards. */
  finish(): Promise<Activity>
  stop(): Promise<void>
}

/** Starts a worker thread; what goes wrong in it rejects the call that is waiting. */
export function startHarvestWorker(data: HarvestWorkerData): HarvestWorker {
  const worker = new Worker(new URL('./harvestThread.mjs', import.meta.url), { workerData: data, execArgv: [] })
  const waiting: { resolve: (reply: HarvestReply) => void; reject: (error: Error) => void }[] = []
  const failAll = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  // Replies come in the order of the requests.
  worker.on('message', (reply: HarvestReply) => waiting.shift()?.resolve(reply))
  worker.on('error', failAll)
  worker.on('exit', (code) => failAll(new AtlasError('worker/died', `harvest worker: ended with exit code ${code}`)))

  const ask = async (request: HarvestRequest): Promise<HarvestReply> => {
    const reply = await new Promise<HarvestReply>((resolve, reject) => {
      waiting.push({ resolve, reject })
      worker.postMessage(request)
    })
    if (reply.kind !== 'failed') return reply
    throw reply.code === null
      ? new Error(`harvest worker: ${reply.message}`)
      : new AtlasError(reply.code, reply.message, { details: reply.details })
  }
  return {
    count: async (stories) => {
      await ask({ kind: 'count', stories })
    },
    finish: async () => {
      const reply = await ask({ kind: 'finish' })
      invariant(reply.kind === 'finished', `a harvest worker answers finish with ${reply.kind}`)
      return reply.activity
    },
    stop: async () => {
      await worker.terminate()
    },
  }
}
