import { spawnSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The line under which every table stands: a figure without its machine says nothing. */
export function describeMachine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${model}, ${cpus().length} cores, ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.version}`
}

/** What a process has used since it started. */
export interface Usage {
  readonly seconds: number
  readonly processorSeconds: number
  readonly peakMegabytes: number
}

/** Usage of this process so far, workers and start included. */
export function usageOfProcess(): Usage {
  const { user, system } = process.cpuUsage()
  return {
    seconds: process.uptime(),
    processorSeconds: (user + system) / 1e6,
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
  }
}

/** The last line that `script` (import.meta.url) prints when it is run with `args` in a process of its own. */
export function inFreshProcess(script: string, args: readonly string[]): string {
  const child = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (child.status !== 0) throw new Error(`${script} ${args.join(' ')}: exit ${child.status ?? child.signal}`)
  return child.stdout.trimEnd().split('\n').at(-1) ?? ''
}

/** Prints a row of a markdown table. */
export function printRow(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

/** Prints a markdown table's head: the first column on the left, numbers on the right. */
export function printHead(columns: readonly string[]): void {
  printRow(columns)
  console.log(
    `|---|${columns
      .slice(1)
      .map(() => '---:|')
      .join('')}`,
  )
}
