import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bytesOf, differing } from '../fixtures/bytesOf.ts'
import { convertOracle, STORIES } from '../pipeline/harvestedOracle.ts'
import { PROGRAMS, processesOf, type SlurmCluster, startSlurmCluster } from './SlurmCluster.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const submitScript = join(checkout, 'deploy/slurm/submit.sh')

const missing = PROGRAMS.filter((program) => spawnSync('which', [program], { env: pathOfDaemons() }).status !== 0)
function pathOfDaemons(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
}

/** 160 stories in 8 parts: shards 0, 1 and 2 run parts 0 3 6, 1 4 7 and 2 5. */
const PARTS = ['--part-stories', '20']
const SHARDS = 3

describe.skipIf(missing.length > 0)('deploy/slurm, on a cluster of Debian packages slurm-wlm and munge', () => {
  let folder: string
  let cluster: SlurmCluster
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'atlas-slurm-')))
    await convertOracle('llama-mlp', 'model_1000.pth', join(folder, 'plain'))
    await cp(join(folder, 'plain'), join(folder, 'whole'), { recursive: true })
    await cp(join(folder, 'plain'), join(folder, 'broken'), { recursive: true })
    const out = join(folder, 'plain.harvest')
    await atlas('harvest', '--bundle', join(folder, 'plain'), '--stories', STORIES, '--out', out, ...PARTS)
    await atlas('index', '--bundle', join(folder, 'plain'), '--harvest', out)
    cluster = await startSlurmCluster(folder)
  }, 240_000)
  afterAll(async () => {
    await cluster?.stop()
    expect(await processesOf(join(folder, 'slurm.conf'))).toEqual([])
    await rm(folder, { recursive: true })
  }, 60_000)

  /** Submits the harvest of bundle `name` and gives the numbers of its jobs. */
  async function submit(name: string): Promise<{ shards: string; merge: string; index: string }> {
    const printed = await cluster.run(submitScript, [STORIES, '--', ...PARTS], {
      BUNDLE: join(folder, name),
      OUT: join(folder, `${name}.harvest`),
      SHARDS: String(SHARDS),
      THREADS: '1',
      MEMORY: '1G',
      JOIN_MEMORY: '1G',
    })
    const [, shards = '', merge = '', index = ''] =
      /^shards (\d+) \(0-2\), merge (\d+), index (\d+); logs in /.exec(printed) ?? []
    expect([shards, merge, index]).not.toContain('')
    return { shards, merge, index }
  }

  const logOf = (name: string, job: string): Promise<string> =>
    readFile(join(folder, `${name}.harvest.logs/${job}.log`), 'utf8')

  const untilRuns = (name: string, array: string, shard: number, putBack = 0): Promise<void> => {
    const started = new RegExp(`job ${array}_${shard} on .*: shard ${shard} of ${SHARDS}, put back ${putBack} times`)
    return vi.waitFor(async () => expect(await logOf(name, `shard-${shard}`)).toMatch(started), {
      timeout: 90_000,
      interval: 100,
    })
  }

  const untilQueueIsEmpty = (): Promise<void> =>
    vi.waitFor(async () => expect(await cluster.run('squeue', ['--noheader'])).toBe(''), {
      timeout: 240_000,
      interval: 500,
    })

  /** How a job ended; for an array, how its tasks did, by their numbers. */
  async function statesOf(job: string): Promise<string[]> {
    const lines = (await cluster.run('scontrol', ['show', 'job', '--oneliner', job])).trim().split('\n')
    const states = lines.map((line) => ({
      task: Number(/ ArrayTaskId=(\d+)/.exec(line)?.[1] ?? 0),
      state: / JobState=(\w+)/.exec(line)?.[1] ?? line,
    }))
    return states.toSorted((a, b) => a.task - b.task).map(({ state }) => state)
  }

  async function expectPlainBytes(name: string): Promise<void> {
    const harvest = await bytesOf(join(folder, `${name}.harvest`))
    expect(harvest.size).toBeGreaterThan(1)
    expect(differing(harvest, await bytesOf(join(folder, 'plain.harvest')))).toEqual([])
    const bundle = await bytesOf(join(folder, name))
    expect([...bundle.keys()].filter((file) => file.startsWith('index/'))).not.toEqual([])
    expect(differing(bundle, await bytesOf(join(folder, 'plain')))).toEqual([])
  }

  test('three shards, merge and index give the bytes of a plain harvest', { timeout: 300_000 }, async () => {
    const { shards, merge, index } = await submit('whole')
    await untilQueueIsEmpty()
    expect(await statesOf(shards)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED'])
    expect([await statesOf(merge), await statesOf(index)]).toEqual([['COMPLETED'], ['COMPLETED']])
    await expectPlainBytes('whole')
  })

  test('submitted again after killed shards, it runs what is missing', { timeout: 600_000 }, async () => {
    const first = await submit('broken')
    await untilRuns('broken', first.shards, 1)
    await expect(submit('broken')).rejects.toThrow(/jobs of this harvest are still in the queue: .*\(RUNNING\)/)
    await cluster.run('scancel', [`${first.shards}_1`])
    await untilRuns('broken', first.shards, 2)
    await killHarvest(2)
    await untilQueueIsEmpty()
    expect(await statesOf(first.shards)).toEqual(['COMPLETED', 'CANCELLED', 'FAILED'])
    expect([await statesOf(first.merge), await statesOf(first.index)]).toEqual([['CANCELLED'], ['CANCELLED']])
    const parts = join(folder, 'broken.harvest.parts')
    const before = await partsOf(parts)
    expect([...before.keys()]).toEqual(expect.arrayContaining([0, 3, 6].map((part) => `part-00000${part}`)))
    expect(before.size).toBeLessThan(8)

    const again = await submit('broken')
    await untilRuns('broken', again.shards, 1)
    // What Slurm itself sends two minutes before the time limit.
    await cluster.run('scancel', ['--signal=USR1', '--batch', `${again.shards}_1`])
    await untilRuns('broken', again.shards, 1, 1)
    await untilQueueIsEmpty()
    expect(await logOf('broken', 'shard-1')).toContain('back into the queue')
    expect(await statesOf(again.shards)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED'])
    expect(await statesOf(again.index)).toEqual(['COMPLETED'])
    await expectPlainBytes('broken')
    const after = await partsOf(parts)
    expect([...before].filter(([part, inode]) => after.get(part) !== inode)).toEqual([])
  })

  /** Kills the harvest of `shard` the way the kernel does when memory runs out. */
  async function killHarvest(shard: number): Promise<void> {
    const isHarvest = async (pid: number): Promise<boolean> => {
      const [environment, command] = await Promise.all(
        ['environ', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      )
      return environment?.includes(`SLURM_ARRAY_TASK_ID=${shard}`) === true && command?.includes('cli.ts') === true
    }
    await vi.waitFor(
      async () => {
        const pids = await processesOf(join(folder, 'slurm.conf'))
        const harvests = await Promise.all(pids.map(async (pid) => ((await isHarvest(pid)) ? [pid] : [])))
        expect(harvests.flat()).not.toEqual([])
        for (const pid of harvests.flat()) process.kill(pid, 'SIGKILL')
      },
      { timeout: 20_000, interval: 50 },
    )
  }
})

describe.skipIf(process.platform !== 'linux')('submit.sh', () => {
  const submitWith = (environment: NodeJS.ProcessEnv, ...args: string[]) =>
    spawnSync(submitScript, args, { env: { ...pathOfDaemons(), ...environment }, encoding: 'utf8' })

  test('tells its use, and with missing settings ends with 2', () => {
    expect(submitWith({}, '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('usage: BUNDLE=dir') })
    expect(submitWith({ BUNDLE: 'b', OUT: 'o' })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('usage: BUNDLE=dir'),
    })
  })

  test('refuses a folder that is no bundle', () => {
    const bundle = join(checkout, 'deploy')
    expect(submitWith({ BUNDLE: bundle, OUT: 'o' }, STORIES)).toMatchObject({
      status: 3,
      stderr: `submit.sh: BUNDLE ${bundle}: no manifest.json in it, expected what \`atlas convert\` wrote\n`,
    })
  })
})

async function atlas(...args: string[]): Promise<void> {
  await promisify(execFile)(join(checkout, 'node_modules/.bin/tsx'), [join(checkout, 'pipeline/cli.ts'), ...args])
}

/** Parts that are written, with what tells a folder from another put in its place. */
async function partsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => /^part-\d{6}$/.test(name))
  const inodes = names.toSorted().map(async (name) => {
    const { ino, birthtimeMs } = await stat(join(folder, name))
    return [name, `${ino} ${birthtimeMs}`] as const
  })
  return new Map(await Promise.all(inodes))
}
