import * as comlink from 'comlink'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { Reply } from '../../workers/contracts/Reply.ts'
import { unwrapReply } from './unwrapReply.ts'

/** What a connection needs of a Worker; tests give one that runs in the same thread. */
export interface WorkerLike extends comlink.Endpoint {
  terminate(): void
}

/** A worker behind comlink that is started by the first question and, once dead, by the next. */
export interface WorkerConnection<Api> {
  /** The worker's answer; throws the failure it answers with, or `worker/died` if it ends before it answers. */
  ask<T>(question: (api: comlink.Remote<Api>) => Promise<Reply<T>>): Promise<T>
  /** Ends the worker; questions under way fail with `worker/died`. */
  close(): void
}

interface RunningWorker<Api> {
  readonly worker: WorkerLike
  readonly api: comlink.Remote<Api>
  readonly pending: Set<(error: AtlasError) => void>
}

/** Connects to the workers `createWorker` makes; `name` is what messages call them, e.g. "index worker". */
export function connectWorker<Api>(name: string, createWorker: () => WorkerLike): WorkerConnection<Api> {
  let running: RunningWorker<Api> | null = null

  const end = (ended: RunningWorker<Api>, reason: string) => {
    if (running === ended) running = null
    ended.worker.terminate()
    const error = new AtlasError('worker/died', `${name}: ${reason}`)
    for (const fail of ended.pending) fail(error)
    ended.pending.clear()
  }

  const start = (): RunningWorker<Api> => {
    const worker = createWorker()
    const started: RunningWorker<Api> = { worker, api: comlink.wrap<Api>(worker), pending: new Set() }
    worker.addEventListener('error', (event) => end(started, describeError(event)))
    worker.addEventListener('messageerror', () => end(started, 'sent a message that could not be read'))
    running = started
    return started
  }

  return {
    async ask(question) {
      const current = running ?? start()
      let fail: (error: AtlasError) => void = () => undefined
      const death = new Promise<never>((_, reject) => {
        fail = reject
      })
      current.pending.add(fail)
      try {
        return unwrapReply(await Promise.race([question(current.api), death]))
      } finally {
        current.pending.delete(fail)
      }
    },
    close() {
      if (running !== null) end(running, 'closed')
    },
  }
}

function describeError(event: Event): string {
  const message: unknown = 'message' in event ? event.message : null
  return typeof message === 'string' && message !== '' ? `ended: ${message}` : 'ended without a message'
}
