import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'

const run = promisify(execFile)

/** Programs a cluster of one node needs; setpriv is util-linux's. */
export const PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'setpriv'] as const

/** A Slurm cluster of one node on loopback, with one CPU, that lives in a folder of its own. */
export interface SlurmCluster {
  /** Runs a program with this cluster as its Slurm and returns what it printed; rejects where it exits with another code than 0. */
  run(program: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>
  /** Ends all jobs and daemons; nothing of the cluster runs on. */
  stop(): Promise<void>
}

/** Starts munge, the controller and the node in `folder` and waits until the node takes jobs. */
export async function startSlurmCluster(folder: string): Promise<SlurmCluster> {
  const configuration = join(folder, 'slurm.conf')
  const environment = { ...environmentOfDaemons(), SLURM_CONF: configuration }
  await mkdir(join(folder, 'state'), { mode: 0o700 })
  await mkdir(join(folder, 'spool'), { mode: 0o700 })
  await writeFile(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 })
  await writeFile(configuration, slurmConfiguration(folder, await freePort(), await freePort()))

  const daemons: ChildProcess[] = []
  const start = (program: string, args: readonly string[]): void => {
    // A daemon ends with this process, even where that is killed.
    daemons.push(spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], { env: environment, stdio: 'ignore' }))
  }
  const runProgram: SlurmCluster['run'] = async (program, args, more = {}) =>
    (await run(program, args, { env: { ...environment, ...more } })).stdout
  const cluster: SlurmCluster = { run: runProgram, stop: () => stopCluster(runProgram, daemons, configuration) }

  try {
    const munge = ['socket', 'key-file', 'pid-file', 'log-file', 'seed-file'].map((name) =>
      name === 'key-file' ? `--key-file=${join(folder, 'munge.key')}` : `--${name}=${join(folder, `munge.${name}`)}`,
    )
    start('munged', ['--foreground', '--force', '--num-threads=2', ...munge])
    const socket = `--socket=${join(folder, 'munge.socket')}`
    await vi.waitFor(() => runProgram('munge', ['--no-input', socket]), { timeout: 20_000, interval: 200 })
    start('slurmctld', ['-D', '-f', configuration])
    start('slurmd', ['-D', '-f', configuration])
    await vi.waitFor(() => assertIdle(runProgram), { timeout: 60_000, interval: 500 })
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function assertIdle(runProgram: SlurmCluster['run']): Promise<void> {
  const state = await runProgram('sinfo', ['--noheader', '--format=%t'])
  if (state.trim() !== 'idle') throw new Error(`the node is ${state.trim()}, expected idle`)
}

/** The daemons' own PATH entries, and no setting of a cluster this machine may be part of. */
function environmentOfDaemons(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(SLURM|SBATCH|SQUEUE|SINFO|SCANCEL|MUNGE)_/.test(name))
  return { ...Object.fromEntries(own), PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
}

/** One CPU, so that tasks of an array run one after the other. */
function slurmConfiguration(folder: string, controllerPort: number, nodePort: number): string {
  const host = hostname().split('.')[0]
  const user = userInfo().username
  return `${[
    'ClusterName=atlas-test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${controllerPort}`,
    `SlurmdPort=${nodePort}`,
    `SlurmUser=${user}`,
    `SlurmdUser=${user}`,
    'AuthType=auth/munge',
    'CredType=cred/munge',
    // A job put back into the queue waits for as long as its credential would be valid.
    `AuthInfo=socket=${join(folder, 'munge.socket')},cred_expire=5`,
    `StateSaveLocation=${join(folder, 'state')}`,
    `SlurmdSpoolDir=${join(folder, 'spool')}`,
    `SlurmctldPidFile=${join(folder, 'slurmctld.pid')}`,
    `SlurmdPidFile=${join(folder, 'slurmd.pid')}`,
    `SlurmctldLogFile=${join(folder, 'slurmctld.log')}`,
    `SlurmdLogFile=${join(folder, 'slurmd.log')}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SwitchType=switch/none',
    'MpiDefault=none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'SlurmdParameters=config_overrides',
    'MailProg=/bin/true',
    'ReturnToService=2',
    'KillWait=2',
    'SchedulerParameters=sched_interval=2,batch_sched_delay=0',
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=1 RealMemory=4096 State=UNKNOWN`,
    `PartitionName=test Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
  ].join('\n')}\n`
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

async function stopCluster(
  runProgram: SlurmCluster['run'],
  daemons: readonly ChildProcess[],
  configuration: string,
): Promise<void> {
  // Without a controller there are no jobs to end.
  await runProgram('scancel', ['--user', userInfo().username]).catch(() => undefined)
  for (const daemon of [...daemons].reverse()) {
    if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) continue
    const exited = once(daemon, 'exit')
    daemon.kill('SIGTERM')
    const killing = setTimeout(() => daemon.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(killing)
  }
  // Jobs and their step daemons outlive the node's daemon; the configuration in their environment tells them from others.
  for (const pid of await processesOf(configuration)) process.kill(pid, 'SIGKILL')
}

/** Processes whose environment names `configuration`, this one excepted. */
export async function processesOf(configuration: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const named = await Promise.all(
    pids.map(async (pid) => {
      // A process may end while it is looked at, and others' environments are closed to us.
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(`SLURM_CONF=${configuration}`)
    }),
  )
  return pids.filter((pid, i) => named[i] === true && pid !== process.pid)
}
