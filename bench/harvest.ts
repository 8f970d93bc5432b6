import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openHarvest } from '../pipeline/harvest/harvestFolder.ts'
import { harvest } from '../pipeline/harvest.ts'

/**
 * Positions a second and peak memory of `harvest`, on one thread and on one a core, each in a fresh process:
 *   npx tsx bench/harvest.ts public/runs/demo stories.jsonl [positions]
 * Processor time counts other work on the machine less than the clock does. Opening the bundle is counted with the rest.
 */
const MEGABYTE = 1e6
const DEFAULT_POSITIONS = '50000'
const [bundle, stories, positions = DEFAULT_POSITIONS, threads] = process.argv.slice(2)
if (bundle === undefined || stories === undefined) {
  console.error('usage: bench/harvest.ts <bundle> <stories> [positions]')
  process.exit(2)
}
if (threads === undefined) printTable(bundle, stories)
else await printRow(bundle, stories, Number(threads))

function printTable(...paths: readonly string[]): void {
  console.log(
    '| threads | positions | seconds | positions a second | processor time, µs a position | peak memory, MB |',
  )
  console.log('|---:|---:|---:|---:|---:|---:|')
  for (const count of new Set([1, availableParallelism()])) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), ...paths, positions, String(count)]
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
    if (status !== 0) process.exit(status ?? 1)
  }
}

async function printRow(bundlePath: string, storiesPath: string, threadCount: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-bench-'))
  const out = join(folder, 'harvest')
  const started = performance.now()
  const options = { bundle: bundlePath, stories: [storiesPath], out, field: 'story', threshold: 0.01, seed: 0 }
  const silent = { tell: () => undefined, onProgress: () => undefined }
  await harvest({ ...options, limitPositions: Number(positions), threads: threadCount }, silent)
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage()
  const counted = (await openHarvest(out)).manifest.positions
  await rm(folder, { recursive: true })
  const cells = [
    threadCount,
    counted,
    seconds.toFixed(1),
    (counted / seconds).toFixed(0),
    ((user + system) / counted).toFixed(0),
    ((process.resourceUsage().maxRSS * 1024) / MEGABYTE).toFixed(0),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
