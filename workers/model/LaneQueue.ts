import { AtlasError } from '../../core/errors/AtlasError.ts'

/** Throws `request/cancelled` once a newer task of the same lane waits; asked between the stages of a task. */
export type AssertWanted = () => void

interface Waiting {
  readonly lane: string
  start(): Promise<void>
  replace(): void
}

/**
 * Runs one task at a time, whatever earlier ones came to. Of each lane only the newest task waits: an older one that
 * has not started fails with `request/cancelled`, and one that has is told so at its next stage.
 */
export class LaneQueue {
  #isRunning = false
  #waiting: readonly Waiting[] = []
  readonly #newest = new Map<string, number>()

  /** What `task` returns; of `lane` it replaces whatever waits. */
  run<T>(lane: string, task: (assertWanted: AssertWanted) => Promise<T>): Promise<T> {
    const number = this.#renew(lane)
    const assertWanted = () => {
      if (this.#newest.get(lane) !== number) throw replaced(lane)
    }
    return new Promise<T>((resolve, reject) => {
      const start = async () => {
        try {
          assertWanted()
          resolve(await task(assertWanted))
        } catch (error) {
          reject(error)
        }
      }
      this.#waiting = [...this.#waiting, { lane, start, replace: () => reject(replaced(lane)) }]
      void this.#work()
    })
  }

  /** Fails what waits in `lane` and, at its next stage, what runs. */
  drop(lane: string): void {
    this.#renew(lane)
  }

  #renew(lane: string): number {
    const number = (this.#newest.get(lane) ?? 0) + 1
    this.#newest.set(lane, number)
    for (const waiting of this.#waiting) if (waiting.lane === lane) waiting.replace()
    this.#waiting = this.#waiting.filter((waiting) => waiting.lane !== lane)
    return number
  }

  async #work(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    for (;;) {
      await messagesReceived()
      const [next, ...rest] = this.#waiting
      if (next === undefined) break
      this.#waiting = rest
      await next.start()
    }
    this.#isRunning = false
  }
}

/** WebAssembly holds the thread during a pass: keystrokes of that time lie in the event loop, behind this timer. */
const messagesReceived = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

const replaced = (lane: string): AtlasError =>
  new AtlasError('request/cancelled', `${lane}: replaced by a newer request`)
