import { parentPort, workerData } from 'node:worker_threads'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { HarvestReply, HarvestRequest, HarvestWorkerData } from './HarvestMessage.ts'
import { openPartRunner } from './openPartRunner.ts'
import { writePart } from './partFolder.ts'

/** One of the threads of a harvest: its own session, its own counts, one part after another. */
const port = parentPort
invariant(port !== null, 'a harvest worker runs as a worker')
// workerData is untyped; startHarvestWorker is the only one to start this file.
const data = workerData as HarvestWorkerData
const runner = openPartRunner(data)
// The first part reports it; without this, a rejection before it would end the process.
runner.catch(() => undefined)

port.on('message', async (request: HarvestRequest) => {
  try {
    const run = await runner
    await writePart(data.parts, request.part, data.plan, (folder) =>
      run(request, folder, (counted) => reply({ kind: 'counted', ...counted })),
    )
    reply({ kind: 'written' })
  } catch (error) {
    const isForeseen = error instanceof AtlasError
    reply({
      kind: 'failed',
      code: isForeseen ? error.code : null,
      message: error instanceof Error ? error.message : String(error),
      details: isForeseen ? error.details : {},
    })
  }
})

function reply(message: HarvestReply): void {
  port?.postMessage(message)
}
