import { rm } from 'node:fs/promises'
import { TOKEN_CATEGORIES } from '../core/categories/tokenCategories.ts'
import { hasScalarCiFunctions } from '../core/inference/readScalarCiFunction.ts'
import { type FoundParts, findParts } from './harvest/findParts.ts'
import { type HarvestPlan, partCountOf } from './harvest/HarvestPlan.ts'
import { HARVEST_JSON } from './harvest/harvestFolder.ts'
import { partsFolderOf, removePartialParts } from './harvest/partFolder.ts'
import { type PlanOptions, planHarvest } from './harvest/planHarvest.ts'
import { readPartStories } from './harvest/readPartStories.ts'
import { runParts } from './harvest/runParts.ts'
import { partsOfShard, type Shard } from './harvest/shard.ts'
import { merge } from './merge.ts'
import { type BundleFolder, openBundleFolder } from './node/openBundleFolder.ts'
import { assertReplaceable } from './node/replaceFolder.ts'
import { listNames } from './stories/listNames.ts'
import type { CorpusPlan } from './stories/planCorpus.ts'
import type { Terminal } from './Terminal.ts'

export interface HarvestOptions extends PlanOptions {
  readonly bundle: string
  readonly out: string
  /** Cores to use. */
  readonly threads: number
  /** Of the parts, those to run; all, and merged, where there is none. */
  readonly shard?: Shard
  /** Whether words are tagged with their part of speech (default true). */
  readonly categories?: boolean
}

type HarvestTerminal = Pick<Terminal, 'tell' | 'onProgress'>

/**
 * Runs the corpus' stories through the run, in parts of consecutive stories, and writes a folder of counts for each; a
 * part that is there already is not run again. Without a shard the parts are then added up into `options.out`.
 */
export async function harvest(options: HarvestOptions, terminal: HarvestTerminal): Promise<void> {
  const { out, shard } = options
  await assertReplaceable(out, HARVEST_JSON, '--out')
  const bundle = await openBundleFolder(options.bundle)
  const categoryCount = options.categories === false ? 0 : TOKEN_CATEGORIES.length
  const { plan, corpus } = await planHarvest(options, bundle, categoryCount, terminal.onProgress)
  tellCorpus(corpus, terminal)
  const parts = partsFolderOf(out)
  const own = partsOfShard(shard ?? null, partCountOf(plan))
  const found = await findParts(parts, plan, own)
  tellFound(found, own.length, parts, terminal)
  await runMissing(options, { bundle, plan, corpus, parts, found }, terminal)
  if (shard === undefined) {
    await merge({ parts: [parts], out }, terminal)
    await rm(parts, { recursive: true })
  } else {
    terminal.tell(
      `${parts}: ${own.length} of ${partCountOf(plan)} parts are of shard ${shard.index}/${shard.count}, all there; ` +
        '`merge` adds up those of all shards',
    )
  }
}

interface Work {
  readonly bundle: BundleFolder
  readonly plan: HarvestPlan
  readonly corpus: CorpusPlan
  readonly parts: string
  readonly found: FoundParts
}

async function runMissing(
  { threads, shard }: HarvestOptions,
  { bundle, plan, corpus, parts, found }: Work,
  { tell, onProgress }: HarvestTerminal,
): Promise<void> {
  if (found.missing.length === 0) return
  const startedAt = performance.now()
  const total = found.storiesDone + found.missingStories
  let stories = found.storiesDone
  let positions = 0
  const label = shard === undefined ? 'harvesting' : `harvesting shard ${shard.index}/${shard.count}`
  // ONNX Runtime's threads share one copy of the weights; our kernels, where they do most of the work, need workers.
  const [workers, sessionThreads] = hasScalarCiFunctions(bundle.manifest.run)
    ? [Math.min(threads, found.missing.length), 1]
    : [1, threads]
  try {
    await runParts(
      readPartStories(corpus.read(), plan, found.missing),
      { data: { bundle: bundle.path, plan, parts, sessionThreads }, workers },
      (counted) => {
        stories += counted.stories
        positions += counted.positions
        onProgress({ label, done: stories, total, unit: 'stories' })
      },
    )
  } catch (error) {
    // Best effort, as on a full disk: the next run removes what stays.
    await removePartialParts(parts, (part) => found.missing.includes(part)).catch(() => undefined)
    tell(`${parts}: the parts that are whole stay; the same command goes on from there`)
    throw error
  }
  const seconds = (performance.now() - startedAt) / 1000
  tell(`${parts}: ${positions} positions, ${Math.round(positions / seconds)} a second`)
}

function tellCorpus({ emptyStories, otherPaths, sample }: CorpusPlan, { tell }: HarvestTerminal): void {
  if (otherPaths.length > 0) tell(`no story files, left aside: ${listNames(otherPaths)}`)
  if (emptyStories > 0) tell(`${emptyStories} stories hold nothing but white space and are left out`)
  if (sample !== null && sample.population < sample.count) {
    tell(`a sample of ${sample.count} stories was asked for; all ${sample.population} there are are taken`)
  }
}

function tellFound({ damaged, missing }: FoundParts, ownCount: number, parts: string, { tell }: HarvestTerminal): void {
  for (const damage of damaged) tell(`${damage}; the part is run again`)
  const done = ownCount - missing.length
  if (done > 0) tell(`${parts}: ${done} of ${ownCount} parts are there already`)
}
