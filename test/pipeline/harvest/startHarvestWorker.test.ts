import { expect, test } from 'vitest'
import { startHarvestWorker } from '../../../pipeline/harvest/startHarvestWorker.ts'
import { smallPlan } from './harvestPlan.ts'

const data = { bundle: '', plan: smallPlan(2), parts: '', sessionThreads: 1 }
const part = { part: 3, start: 6, stories: [] }

function startThread(name: string, maxOldGenerationSizeMb?: number) {
  const resourceLimits = maxOldGenerationSizeMb === undefined ? {} : { maxOldGenerationSizeMb }
  const script = new URL(`./threads/${name}.mjs`, import.meta.url)
  return startHarvestWorker(data, () => undefined, { script, options: { resourceLimits } })
}

test('a worker that ends in the middle of a part is told with the part, then and afterwards', async () => {
  const worker = startThread('exiting')
  const died = {
    code: 'worker/died',
    message: 'harvest worker: ended with exit code 7 while it ran part-000003, which is not written',
  }
  await expect(worker.run(part)).rejects.toMatchObject(died)
  await expect(worker.run(part)).rejects.toMatchObject(died)
  await worker.stop()
})

test('a worker that runs out of memory is told', async () => {
  const worker = startThread('hoarding', 16)
  await expect(worker.run(part)).rejects.toMatchObject({
    code: 'worker/died',
    message: 'harvest worker: ran out of memory while it ran part-000003, which is not written',
  })
  await worker.stop()
})
