import * as comlink from 'comlink'
import { expect, test } from 'vitest'
import type { WorkerLike } from '../../../src/clients/connectWorker.ts'
import { createIndexClient } from '../../../src/clients/createIndexClient.ts'
import type { IndexApi } from '../../../workers/contracts/IndexApi.ts'

const BUNDLE = 'https://example.org/runs/demo/'

/** A worker of which only what `answers` gives is there. */
function createWorker(answers: Partial<IndexApi>): WorkerLike {
  const { port1, port2 } = new MessageChannel()
  comlink.expose(answers, port2)
  return Object.assign(port1, {
    terminate: () => {
      port1.close()
      port2.close()
    },
  })
}

test('questions carry the address of the bundle, answers come unwrapped', async () => {
  const asked: unknown[] = []
  const client = createIndexClient(BUNDLE, () =>
    createWorker({
      findActive: async (...question) => {
        asked.push(question)
        return { ok: true, value: { moduleId: 1, subcomponent: 2 } }
      },
    }),
  )
  expect(await client.findActive(null, 0.5)).toEqual({ moduleId: 1, subcomponent: 2 })
  expect(asked).toEqual([[BUNDLE, null, 0.5]])
  client.close()
})

test('progress comes through, and a refusal is thrown with its code', async () => {
  const progress = { label: 'summary', done: 1, total: 2, unit: 'bytes' } as const
  const client = createIndexClient(BUNDLE, () =>
    createWorker({
      openRun: async (_, onProgress) => {
        await onProgress(progress)
        return { ok: false, error: { code: 'bundle/version', message: 'format 9, expected 1', details: {} } }
      },
    }),
  )
  const reported: unknown[] = []
  await expect(client.openRun((value) => reported.push(value))).rejects.toMatchObject({
    name: 'AtlasError',
    code: 'bundle/version',
  })
  expect(reported).toEqual([progress])
  client.close()
})
