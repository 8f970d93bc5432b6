import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openHarvest } from '../pipeline/harvest/harvestFolder.ts'
import { harvest } from '../pipeline/harvest.ts'
import { openBundleFolder } from '../pipeline/node/openBundleFolder.ts'
import { describeMachine, inFreshProcess, printHead, printRow, type Usage, usageOfProcess } from './machine.ts'
import { measureMatrixPeak } from './matrixPeak.ts'
import { matrixWorkOf } from './matrixWork.ts'
import { compareCounts, readPytorchCounts } from './pytorchCounts.ts'

/*
 * Positions a second and peak memory of `harvest`, merging included, each run in a process of its own:
 *   npx tsx bench/harvest.ts [--threads 2] [--part-stories 512] [--sample-share 0.015625] --run bundle,stories.jsonl,positions[,pytorch.json] ...
 * pytorch.json is what bench/harvest_pytorch.py wrote with --out: its positions a second stand beside ours, and where both
 * ran as many positions the counts are compared.
 */
const { values } = parseArgs({
  options: {
    run: { type: 'string', multiple: true, default: [] },
    threads: { type: 'string', default: String(availableParallelism()) },
    'part-stories': { type: 'string', default: '512' },
    /** That of a corpus of 20,000 to 32,000 stories; by default a short one has all positions sampled. */
    'sample-share': { type: 'string', default: String(1 / 64) },
    child: { type: 'boolean', default: false },
  },
})
const threads = Number(values.threads)

if (values.run.length === 0) {
  console.error('usage: bench/harvest.ts --run bundle,stories,positions[,pytorch.json] ...')
  process.exit(2)
}
if (values.child) console.log(JSON.stringify(await measure(values.run[0] ?? '')))
else await printTable()

interface Measured extends Usage {
  readonly positions: number
  /** Floating-point operations a position. */
  readonly work: number
  readonly comparison: string | null
  readonly pytorchRate: number | null
}

async function printTable(): Promise<void> {
  const peak = await measureMatrixPeak(threads)
  console.log(`${describeMachine()}; ${threads} threads, matrix products at most ${(peak / 1e9).toFixed(0)} GFLOP/s\n`)
  printHead([
    'bundle',
    'positions',
    'seconds',
    'positions a second',
    'processor time, µs a position',
    'peak memory, MB',
    'share of the matrix peak',
    'PyTorch, positions a second',
    'times PyTorch',
  ])
  const comparisons: string[] = []
  for (const run of values.run) {
    const settings = ['--threads', String(threads), '--part-stories', values['part-stories']]
    const args = ['--child', '--run', run, ...settings, '--sample-share', values['sample-share']]
    const measured: Measured = JSON.parse(inFreshProcess(import.meta.url, args))
    const bundle = run.split(',')[0] ?? ''
    printRow([bundle, ...cellsOf(measured, peak)])
    if (measured.comparison !== null) comparisons.push(`${bundle}: ${measured.comparison}`)
  }
  for (const comparison of comparisons) console.log(`\n${comparison}`)
}

function cellsOf(measured: Measured, peak: number): string[] {
  const { positions, seconds, processorSeconds, peakMegabytes, work, pytorchRate } = measured
  const rate = positions / seconds
  return [
    String(positions),
    seconds.toFixed(1),
    rate.toFixed(0),
    ((1e6 * processorSeconds) / positions).toFixed(0),
    peakMegabytes.toFixed(0),
    `${((100 * work * rate) / peak).toFixed(1)} %`,
    pytorchRate?.toFixed(0) ?? '–',
    pytorchRate === null ? '–' : (rate / pytorchRate).toFixed(1),
  ]
}

async function measure(run: string): Promise<Measured> {
  const [bundle = '', stories = '', positions = '', pytorch] = run.split(',')
  const folder = await mkdtemp(join(tmpdir(), 'atlas-bench-'))
  try {
    const out = join(folder, 'harvest')
    await harvest(
      {
        bundle,
        stories: [stories],
        out,
        field: 'story',
        threshold: 0.01,
        seed: 0,
        limitPositions: Number(positions),
        partStories: Number(values['part-stories']),
        sampleShare: Number(values['sample-share']),
        threads,
      },
      { tell: () => undefined, onProgress: () => undefined },
    )
    const usage = usageOfProcess()
    const harvested = await openHarvest(out)
    const other = pytorch === undefined ? null : await readPytorchCounts(pytorch)
    return {
      ...usage,
      positions: harvested.manifest.positions,
      work: matrixWorkOf((await openBundleFolder(bundle)).manifest),
      comparison: other === null ? null : await compareCounts(harvested, other),
      pytorchRate: other?.positions_per_second ?? null,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
