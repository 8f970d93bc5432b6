import type { HarvestWorkerData } from './HarvestMessage.ts'
import type { PartStories } from './readPartStories.ts'
import { type HarvestWorker, startHarvestWorker } from './startHarvestWorker.ts'

export interface RunOptions {
  readonly data: HarvestWorkerData
  /** Worker threads, each with its own session. */
  readonly workers: number
}

/**
 * Runs `parts` on worker threads, each whole on the next one that is free. Where one fails, all stop; the parts that
 * are written stay.
 */
export async function runParts(
  parts: AsyncGenerator<PartStories>,
  { data, workers: workerCount }: RunOptions,
  onCounted: (counted: { readonly stories: number; readonly positions: number }) => void,
): Promise<void> {
  const workers = Array.from({ length: workerCount }, () => startHarvestWorker(data, onCounted))
  const serve = async (worker: HarvestWorker): Promise<void> => {
    for (;;) {
      // An async generator queues its callers, so every part is asked for once.
      const next = await parts.next()
      if (next.done === true) return
      await worker.run(next.value)
    }
  }
  try {
    await Promise.all(workers.map(serve))
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
    await parts.return(undefined)
  }
}
