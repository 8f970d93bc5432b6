import { describe, expect, it } from 'vitest'
import { LaneQueue } from '../../../workers/model/LaneQueue.ts'

/** A promise and the function that fulfils it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

const cancelled = { code: 'request/cancelled' }

describe('LaneQueue', () => {
  it('runs one task at a time, in the order asked for', async () => {
    const queue = new LaneQueue()
    const log: string[] = []
    const task = (name: string) => async () => {
      log.push(`${name} starts`)
      await Promise.resolve()
      log.push(`${name} ends`)
    }
    await Promise.all([queue.run('observe', task('first')), queue.run('ablate', task('second'))])
    expect(log).toEqual(['first starts', 'first ends', 'second starts', 'second ends'])
  })

  it('replaces what waits by what is newer, in the same lane only', async () => {
    const queue = new LaneQueue()
    const { opened, open } = gate()
    const running = queue.run('ablate', async () => {
      await opened
      return 'running'
    })
    const replaced = queue.run('observe', async () => 'o')
    const other = queue.run('position', async () => 'position')
    const newest = queue.run('observe', async () => 'on')
    await expect(replaced).rejects.toMatchObject({ ...cancelled, message: 'observe: replaced by a newer request' })
    open()
    expect(await Promise.all([running, other, newest])).toEqual(['running', 'position', 'on'])
  })

  it('tells a running task at its next stage that it is not wanted', async () => {
    const queue = new LaneQueue()
    const started = gate()
    const session = gate()
    let stages = 0
    const stale = queue.run('observe', async (assertWanted) => {
      started.open()
      await session.opened
      stages += 1
      assertWanted()
      stages += 1
    })
    await started.opened
    const fresh = queue.run('observe', async () => 'fresh')
    session.open()
    await expect(stale).rejects.toMatchObject(cancelled)
    expect(stages).toBe(1)
    expect(await fresh).toBe('fresh')
  })

  it('runs on after a failure', async () => {
    const queue = new LaneQueue()
    const failed = queue.run('observe', async () => {
      throw new TypeError('oh')
    })
    const next = queue.run('ablate', async () => 'next')
    await expect(failed).rejects.toThrow(new TypeError('oh'))
    expect(await next).toBe('next')
    expect(await queue.run('observe', async () => 'later')).toBe('later')
  })

  it('lets a message that came during a task replace the task that waits', async () => {
    const queue = new LaneQueue()
    const { port1, port2 } = new MessageChannel()
    const answers: Promise<string>[] = []
    port2.onmessage = ({ data }: MessageEvent<string>) => answers.push(queue.run('observe', async () => data))
    const first = queue.run('ablate', async () => {
      port1.postMessage('late')
    })
    const replaced = queue.run('observe', async () => 'early')
    await first
    await expect(replaced).rejects.toMatchObject(cancelled)
    expect(await Promise.all(answers)).toEqual(['late'])
    port1.close()
  })

  it('drops what waits on request, and takes new tasks', async () => {
    const queue = new LaneQueue()
    const dropped = queue.run('observe', async () => 'dropped')
    queue.drop('observe')
    await expect(dropped).rejects.toMatchObject(cancelled)
    expect(await queue.run('observe', async () => 'new')).toBe('new')
  })
})
