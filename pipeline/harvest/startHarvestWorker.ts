import { Worker, type WorkerOptions } from 'node:worker_threads'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { HarvestReply, HarvestWorkerData } from './HarvestMessage.ts'
import { partName } from './partFolder.ts'
import type { PartStories } from './readPartStories.ts'

/** One thread of a harvest, as the main thread sees it. */
export interface HarvestWorker {
  /** Runs a part and writes its folder; one at a time. What goes wrong in the thread rejects it. */
  run(part: PartStories): Promise<void>
  stop(): Promise<void>
}

/** How a worker thread is started; tests start others. */
export interface HarvestThread {
  readonly script: URL
  readonly options: Pick<WorkerOptions, 'resourceLimits'>
}

const HARVEST_THREAD: HarvestThread = { script: new URL('./harvestThread.mjs', import.meta.url), options: {} }

interface Running {
  readonly name: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Starts a worker thread, which tells `onCounted` what it counts as it goes. */
export function startHarvestWorker(
  data: HarvestWorkerData,
  onCounted: (counted: { readonly stories: number; readonly positions: number }) => void,
  { script, options }: HarvestThread = HARVEST_THREAD,
): HarvestWorker {
  const worker = new Worker(script, { ...options, workerData: data, execArgv: [] })
  let running: Running | null = null
  let death: AtlasError | null = null
  const die = (reason: string, cause?: unknown): void => {
    const during = running === null ? '' : ` while it ran ${running.name}, which is not written`
    death ??= new AtlasError('worker/died', `harvest worker: ${reason}${during}`, { cause })
    running?.reject(death)
    running = null
  }
  worker.on('message', (reply: HarvestReply) => {
    if (reply.kind === 'counted') return onCounted(reply)
    const { resolve, reject } = running ?? {}
    running = null
    if (reply.kind === 'failed') reject?.(errorOf(reply))
    else resolve?.()
  })
  worker.on('error', (error) => die(reasonOf(error), error))
  worker.on('exit', (code) => die(`ended with exit code ${code}`))
  return {
    run: (part) =>
      new Promise((resolve, reject) => {
        invariant(running === null, 'a harvest worker runs one part at a time')
        if (death !== null) return reject(death)
        running = { name: partName(part.part), resolve, reject }
        worker.postMessage(part)
      }),
    stop: async () => {
      await worker.terminate()
    },
  }
}

function errorOf({ code, message, details }: HarvestReply & { readonly kind: 'failed' }): Error {
  return code === null ? new Error(`harvest worker: ${message}`) : new AtlasError(code, message, { details })
}

function reasonOf(error: Error): string {
  const isOutOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isOutOfMemory ? 'ran out of memory' : `ended with ${error.message}`
}
