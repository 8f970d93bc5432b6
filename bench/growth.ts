import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openHarvest } from '../pipeline/harvest/harvestFolder.ts'
import { registerConvert } from '../pipeline/registerConvert.ts'
import { registerHarvest } from '../pipeline/registerHarvest.ts'
import { registerIndex } from '../pipeline/registerIndex.ts'
import { registerMerge } from '../pipeline/registerMerge.ts'
import { registerSynthesize } from '../pipeline/registerSynthesize.ts'
import { runCommands } from '../pipeline/runCommands.ts'
import { describeMachine, inFreshProcess, printHead, printRow, type Usage, usageOfProcess } from './machine.ts'

/*
 * Time and memory of harvest, merge and index as positions and subcomponents grow, on synthetic runs made on the way (seed
 * report's shapes, CI kind mlp), each step in a process of its own:
 *   npx tsx bench/growth.ts [--positions 100000] [--times 1,2,4,8] [--c 360,1072,4000] [--part-stories 64] [--keep DIR]
 * --c is subcomponents of each of the 28 modules; positions grow at the first of them, subcomponents at the first number of positions.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    positions: { type: 'string', default: '100000' },
    times: { type: 'string', default: '1,2,4,8' },
    c: { type: 'string', default: '360,1072,4000' },
    'part-stories': { type: 'string', default: '64' },
    /** That of a corpus of 20,000 to 32,000 stories; by default a short one has all positions sampled. */
    'sample-share': { type: 'string', default: String(1 / 64) },
    threads: { type: 'string', default: String(availableParallelism()) },
    keep: { type: 'string' },
    child: { type: 'boolean', default: false },
  },
})
const MODULES = 28
const STORY_TOKENS = 200
const COMMANDS = [registerSynthesize, registerConvert, registerHarvest, registerMerge, registerIndex]

if (values.child) console.log(JSON.stringify(await runCommand(positionals)))
else await printTable()

async function runCommand(args: readonly string[]): Promise<Usage> {
  const told: string[] = []
  const terminal = { print: () => undefined, tell: (line: string) => told.push(line), onProgress: () => undefined }
  const status = await runCommands(COMMANDS, [...args], terminal)
  if (status !== 0) console.error(told.join('\n'))
  if (status !== 0) process.exit(status)
  return usageOfProcess()
}

async function printTable(): Promise<void> {
  const positions = Number(values.positions)
  const times = values.times.split(',').map(Number)
  const sizes = values.c.split(',').map(Number)
  const [smallest = 360] = sizes
  const folder = values.keep ?? (await mkdtemp(join(tmpdir(), 'atlas-growth-')))
  try {
    console.log(`${describeMachine()}; ${values.threads} threads, parts of ${values['part-stories']} stories\n`)
    printHead([
      'subcomponents',
      'positions',
      ...['harvest', 'merge', 'index'].flatMap((step) => [`${step}, s`, 'processor, s', 'MB']),
    ])
    const most = Math.ceil((1.2 * positions * Math.max(...times)) / STORY_TOKENS)
    for (const time of times) await measureRow(folder, smallest, positions * time, most)
    for (const c of sizes.slice(1)) await measureRow(folder, c, positions, most)
  } finally {
    if (values.keep === undefined) await rm(folder, { recursive: true })
  }
}

async function measureRow(folder: string, c: number, positions: number, stories: number): Promise<void> {
  const bundle = await makeBundle(folder, c, stories)
  const out = join(folder, 'harvest')
  const parts = `${out}.parts`
  const harvest = await step([
    'harvest',
    ...['--bundle', bundle.path, '--stories', bundle.stories, '--out', out, '--limit-positions', String(positions)],
    ...['--part-stories', values['part-stories'], '--threads', values.threads, '--shard', '0/1'],
    ...['--sample-share', values['sample-share']],
  ])
  const merge = await step(['merge', parts, '--out', out])
  const index = await step(['index', '--bundle', bundle.path, '--harvest', out])
  const counted = (await openHarvest(out)).manifest.positions
  const cells = [harvest, merge, index].flatMap(({ seconds, processorSeconds, peakMegabytes }) => [
    seconds.toFixed(1),
    processorSeconds.toFixed(1),
    peakMegabytes.toFixed(0),
  ])
  printRow([MODULES * c, counted, ...cells])
  await rm(out, { recursive: true })
  await rm(parts, { recursive: true, force: true })
}

async function makeBundle(folder: string, c: number, stories: number): Promise<{ path: string; stories: string }> {
  const run = join(folder, `run-${c}`)
  const path = join(folder, `bundle-${c}`)
  const found = { path, stories: join(run, 'stories.jsonl') }
  const isThere = await readdir(path).then(
    (names) => names.includes('manifest.json'),
    () => false,
  )
  if (isThere) return found
  await step([
    'synthesize',
    ...['--out', run, '--preset', 'seed-report', '--c', String(c), '--stories', String(stories)],
    ...['--story-length', String(STORY_TOKENS), '--threads', values.threads],
  ])
  await step([
    'convert',
    ...['--checkpoint', join(run, 'model_0.safetensors'), '--config', join(run, 'final_config.yaml')],
    ...['--target', join(run, 'config.json'), '--tokenizer', join(run, 'tokenizer.json'), '--out', path],
  ])
  return found
}

async function step(args: readonly string[]): Promise<Usage> {
  return JSON.parse(inFreshProcess(import.meta.url, ['--child', '--', ...args]))
}
