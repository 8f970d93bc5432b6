import * as comlink from 'comlink'
import { expect, test } from 'vitest'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import { InvariantViolation } from '../../../core/errors/invariant.ts'
import { connectWorker, type WorkerLike } from '../../../src/clients/connectWorker.ts'
import type { Reply } from '../../../workers/contracts/Reply.ts'
import { reply } from '../../../workers/reply.ts'

interface EchoApi {
  echo(text: string): Promise<Reply<string>>
  wait(): Promise<Reply<string>>
}

/** A worker in this thread: one end of a MessageChannel, and `die` for what a browser does when a worker throws. */
class FakeWorker extends EventTarget implements WorkerLike {
  isTerminated = false
  readonly #channel = new MessageChannel()
  constructor() {
    super()
    const api: EchoApi = {
      echo: (text) =>
        reply(() => {
          if (text === 'bad') throw new AtlasError('address/unknown', 'bad: no such address')
          if (text === 'bug') throw new TypeError('oh')
          return text
        }),
      wait: () => new Promise(() => undefined),
    }
    comlink.expose(api, this.#channel.port2)
    this.#channel.port1.addEventListener('message', (event) => {
      if (!this.isTerminated) this.dispatchEvent(new MessageEvent('message', { data: event.data }))
    })
    this.#channel.port1.start()
  }
  postMessage(message: unknown, transfer: Transferable[] = []) {
    this.#channel.port1.postMessage(message, transfer)
  }
  terminate() {
    this.isTerminated = true
    this.#channel.port1.close()
    this.#channel.port2.close()
  }
  die() {
    this.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }))
  }
}

function connect() {
  const workers: FakeWorker[] = []
  const connection = connectWorker<EchoApi>('echo worker', () => {
    const worker = new FakeWorker()
    workers.push(worker)
    return worker
  })
  return { connection, workers }
}

test('failures are thrown with their code and the next question is answered', async () => {
  const { connection } = connect()
  await expect(connection.ask((api) => api.echo('bad'))).rejects.toMatchObject({
    name: 'AtlasError',
    code: 'address/unknown',
    message: 'bad: no such address',
  })
  expect(await connection.ask((api) => api.echo('good'))).toBe('good')
  connection.close()
})

test('a bug in the worker is an InvariantViolation', async () => {
  const { connection } = connect()
  await expect(connection.ask((api) => api.echo('bug'))).rejects.toThrow(new InvariantViolation('TypeError: oh'))
  connection.close()
})

test('the worker starts with the first question only', async () => {
  const { connection, workers } = connect()
  expect(workers).toHaveLength(0)
  await Promise.all([connection.ask((api) => api.echo('a')), connection.ask((api) => api.echo('b'))])
  expect(workers).toHaveLength(1)
  connection.close()
})

test('a worker that dies fails what it was asked, and the next question starts another', async () => {
  const { connection, workers } = connect()
  const lost = connection.ask((api) => api.wait())
  workers[0]?.die()
  await expect(lost).rejects.toMatchObject({ code: 'worker/died', message: 'echo worker: ended: out of memory' })
  expect(workers[0]?.isTerminated).toBe(true)
  expect(await connection.ask((api) => api.echo('again'))).toBe('again')
  expect(workers).toHaveLength(2)
  connection.close()
})

test('closing fails the questions under way', async () => {
  const { connection } = connect()
  const lost = connection.ask((api) => api.wait())
  connection.close()
  await expect(lost).rejects.toMatchObject({ code: 'worker/died', message: 'echo worker: closed' })
})
