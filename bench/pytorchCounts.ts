import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import type { OpenedHarvest } from '../core/bundle/readHarvest.ts'
import { readHarvestedModule } from '../core/bundle/readHarvest.ts'
import { tokenCountsAt } from '../core/statistics/FiringCounts.ts'

const counts = v.array(v.number())
const schema = v.object({
  positions: v.number(),
  positions_per_second: v.number(),
  modules: v.record(v.string(), v.object({ activation_counts: counts, unique_tokens: counts })),
})

/** What bench/harvest_pytorch.py wrote with --out. */
export type PytorchCounts = v.InferOutput<typeof schema>

export async function readPytorchCounts(path: string): Promise<PytorchCounts> {
  return v.parse(schema, JSON.parse(await readFile(path, 'utf8')))
}

/** How the counts of a harvest of the same positions compare, in words. */
export async function compareCounts(harvest: OpenedHarvest, pytorch: PytorchCounts): Promise<string> {
  const { modules, settings, positions } = harvest.manifest
  if (positions !== pytorch.positions) return `counts not compared: ${positions} and ${pytorch.positions} positions`
  const level = settings.levels.indexOf(settings.threshold)
  let same = 0
  let total = 0
  let firings = 0
  let difference = 0
  for (const [index, { path, c }] of modules.entries()) {
    const { counts: firingCounts } = await readHarvestedModule(harvest, index)
    const other = pytorch.modules[path]
    for (let subcomponent = 0; subcomponent < c; subcomponent++) {
      const tokens = tokenCountsAt(firingCounts, subcomponent, level)
      const count = tokens.counts.reduce((sum, n) => sum + n, 0)
      const away = Math.abs(count - (other?.activation_counts[subcomponent] ?? Number.NaN))
      total += 1
      firings += count
      difference += away
      if (away === 0 && tokens.tokenIds.length === other?.unique_tokens[subcomponent]) same += 1
    }
  }
  return `activation count and unique tokens equal PyTorch's for ${same} of ${total} subcomponents; ${difference} of ${firings} firings differ`
}
