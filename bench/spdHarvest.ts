import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import initSqlJs from 'sql.js'
import { buildIndex } from '../core/bundle/writing/buildIndex.ts'
import { readModuleActivity } from '../core/spd-harvest/readModuleActivity.ts'
import { gzip } from '../pipeline/node/gzip.ts'
import { openSpdHarvest } from '../pipeline/spd-harvest/openSpdHarvest.ts'
import { fabricateSpdHarvest, type HarvestSize, modulePath } from './fabricateSpdHarvest.ts'

/*
 * Prints what `index --spd-harvest` takes for a fabricated harvest: time, peak memory, size of the index.
 *   npx tsx bench/spdHarvest.ts [modules] [C] [active share] [examples]      20 modules of 1,000 by default
 * It is written below the system's temporary folder and removed.
 */
const [moduleCount = 20, C = 1000, activeShare = 0.38, examples = 200] = process.argv.slice(2).map(Number)
const size: HarvestSize = {
  moduleCount,
  C,
  activeShare,
  examples,
  radius: 20,
  vocabularySize: 4096,
  positionCount: 8_000_000,
}

const folder = await mkdtemp(join(tmpdir(), 'atlas-bench-'))
try {
  const harvest = join(folder, 'harvest')
  await fabricateSpdHarvest(harvest, size)
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 20)
  const startedAt = performance.now()
  const { bytes, active, details } = await index(harvest)
  const seconds = (performance.now() - startedAt) / 1000
  clearInterval(timer)
  const mega = (count: number): string => (count / 1e6).toFixed(0)
  console.log(`machine: ${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`)
  console.log(
    `harvest: ${moduleCount * C} subcomponents (${active} active) × ${size.vocabularySize}, ${mega(await bytesOf(harvest))} MB apparent`,
  )
  console.log(`time: ${seconds.toFixed(1)} s`)
  console.log(`memory: ${mega(before)} MB before, peak ${mega(peak)} MB`)
  console.log(
    `index: ${mega(bytes)} MB gzipped, ${(bytes / active).toFixed(0)} bytes an active subcomponent, largest detail ${(details / 1e3).toFixed(0)} kB`,
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function index(harvestFolder: string): Promise<{ bytes: number; active: number; details: number }> {
  const modules = Array.from({ length: moduleCount }, (_, i) => ({ path: modulePath(i), C }))
  const harvest = await openSpdHarvest(harvestFolder, modules, size.vocabularySize)
  const writeNorms = new Float32Array(C).fill(1)
  let bytes = 0
  let details = 0
  const source = {
    positionCount: size.positionCount,
    threshold: 0,
    tokens: Array.from({ length: size.vocabularySize }, (_, id) => `token${id}`),
    occurrences: Uint32Array.from(harvest.stats.occurrences),
    outputTotals: harvest.stats.outputTotals,
    stories: [],
    exampleStories: [],
    windowRadius: 0,
    modules: modules.map(({ path }, moduleId) => ({
      path,
      layer: moduleId,
      kind: 'up_proj',
      C,
      writeNorms,
      readActivity: () => readModuleActivity(harvest, { moduleId, writeNorms, hasText: () => true }),
    })),
  }
  for await (const file of buildIndex(await initSqlJs(), source)) {
    const packed = await gzip(file.bytes)
    bytes += packed.length
    if (file.content.kind === 'detail') details = Math.max(details, packed.length)
  }
  await harvest.close()
  return { bytes, active: harvest.stats.firingCounts.filter((count) => count > 0).length, details }
}

async function bytesOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  )
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}
