import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import type { GraphTensor, InferenceSession } from '../../core/graph/InferenceSession.ts'
import type { BackendStatus } from '../contracts/ModelApi.ts'
import type { Backend, StartedBackend } from './Backend.ts'

/** A graph and its external data, each piece under the name the graph gives it. */
export interface GraphFiles {
  readonly graph: Uint8Array
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[]
}

type Feeds = Readonly<Record<string, GraphTensor>>

interface Running {
  readonly backend: Backend
  readonly started: StartedBackend
  readonly sessions: Map<string, InferenceSession>
}

/**
 * Runs graphs on the first of several backends that works. One that cannot start, cannot open a graph, fails a run or
 * loses its device is left for the next, for good; the last one's failures are the caller's.
 */
export class FallbackRuntime {
  #remaining: readonly Backend[]
  #running: Running | null = null
  #fallbackReason: string | null = null
  readonly #lost = new Map<Backend, string>()

  /** `graphs` gives a graph's files; it is asked at every run and remembers them itself. */
  constructor(
    backends: readonly Backend[],
    private readonly graphs: (name: string) => Promise<GraphFiles>,
  ) {
    invariant(backends.length > 0, 'a runtime needs a backend')
    this.#remaining = backends
  }

  /** The backend in use, and why it is not the one before it; null before the first run. */
  get status(): BackendStatus | null {
    if (this.#running === null) return null
    const { backend, started } = this.#running
    return { name: backend.name, threads: started.threads, fallbackReason: this.#fallbackReason }
  }

  /** Opens graph `name` without running it. */
  async open(name: string): Promise<void> {
    const files = await this.graphs(name)
    await this.#attempt(async (running) => {
      await openOnce(running, name, files)
    })
  }

  /** The outputs of graph `name`. */
  async run(name: string, feeds: Feeds): Promise<Feeds> {
    const files = await this.graphs(name)
    return this.#attempt(async (running) => {
      const session = await openOnce(running, name, files)
      return Promise.race([session.run(feeds), rejectWhenLost(running.started)])
    })
  }

  async #attempt<T>(task: (running: Running) => Promise<T>): Promise<T> {
    for (;;) {
      const [backend, ...others] = this.#remaining
      invariant(backend !== undefined, 'the last backend is never left')
      try {
        return await task(await this.#start(backend))
      } catch (error) {
        if (others.length === 0) throw failureOf(backend, error)
        this.#fallbackReason = failureOf(backend, error).message
        this.#running = null
        this.#remaining = others
      }
    }
  }

  async #start(backend: Backend): Promise<Running> {
    const lost = this.#lost.get(backend)
    if (lost !== undefined) throw new AtlasError('backend/unavailable', lost)
    if (this.#running?.backend === backend) return this.#running
    const started = await backend.start()
    void started.lost.then((reason) => this.#lost.set(backend, reason))
    this.#running = { backend, started, sessions: new Map() }
    return this.#running
  }
}

async function openOnce(running: Running, name: string, files: GraphFiles): Promise<InferenceSession> {
  const open = running.sessions.get(name)
  if (open !== undefined) return open
  const session = await running.started.openSession(files.graph, files.externalData)
  running.sessions.set(name, session)
  return session
}

async function rejectWhenLost(started: StartedBackend): Promise<never> {
  throw new AtlasError('backend/unavailable', await started.lost)
}

function failureOf(backend: Backend, error: unknown): AtlasError {
  if (error instanceof AtlasError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new AtlasError('model/failed', `${backend.name}: ${reason}`, { cause: error })
}
