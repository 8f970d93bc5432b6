import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { written } from '../node/files.ts'
import { assertFiles } from './assertFiles.ts'
import { differencesOfPlans, type HarvestPlan, storiesOfPart } from './HarvestPlan.ts'
import { partName, partOfName, readPart, removePartialParts } from './partFolder.ts'

/** How much of a shard's parts an earlier run has left in the folder. */
export interface FoundParts {
  /** Parts that are still to be run, ascending. */
  readonly missing: readonly number[]
  readonly missingStories: number
  /** Stories of the others. */
  readonly storiesDone: number
  /** What was wrong with parts that are run again, a line each. */
  readonly damaged: readonly string[]
}

/**
 * Looks for `own` parts of `plan` in the folder `parts`, making it where it is not there. Parts that are damaged are
 * removed, and so is what a killed run has left of them. Any part of another plan is `harvest/other-settings`: nothing
 * is removed then.
 */
export async function findParts(parts: string, plan: HarvestPlan, own: readonly number[]): Promise<FoundParts> {
  await written(mkdir(parts, { recursive: true }), parts)
  const isOwn = new Set(own)
  const damaged: string[] = []
  const whole = new Set<number>()
  const remove: string[] = []
  for (const name of (await readdir(parts)).sort()) {
    const part = partOfName(name)
    if (part === null) continue
    const folder = join(parts, name)
    const damage = await damageOf(folder, part, plan, isOwn.has(part))
    if (damage !== null && isOwn.has(part)) {
      damaged.push(damage)
      remove.push(folder)
    } else if (damage === null) whole.add(part)
  }
  for (const folder of remove) await written(rm(folder, { recursive: true }), folder)
  await removePartialParts(parts, (part) => isOwn.has(part))
  const missing = own.filter((part) => !whole.has(part))
  const done = own.filter((part) => whole.has(part))
  return { missing, missingStories: storiesOf(missing, plan), storiesDone: storiesOf(done, plan), damaged }
}

/** What is wrong with the part in `folder`; null where nothing is. Its files are read where `isRead`. */
async function damageOf(folder: string, part: number, plan: HarvestPlan, isRead: boolean): Promise<string | null> {
  try {
    const description = await readPart(folder)
    assertSamePlan(folder, description.plan, plan)
    if (description.part !== part) return `${folder}: says it is ${partName(description.part)}`
    if (isRead) await assertFiles(folder, description.files)
    return null
  } catch (error) {
    if (error instanceof AtlasError && error.code !== 'harvest/other-settings') return error.message
    throw error
  }
}

/** Throws `harvest/other-settings` unless the part in `folder` was made by `expected`. */
export function assertSamePlan(folder: string, found: HarvestPlan, expected: HarvestPlan): void {
  const differences = differencesOfPlans(found, expected)
  if (differences.length === 0) return
  throw new AtlasError(
    'harvest/other-settings',
    `${folder}: a part of another harvest, which has ${differences.join('; ')}. Remove the folder, or choose another`,
  )
}

function storiesOf(parts: readonly number[], plan: HarvestPlan): number {
  const sizes = parts.map((part) => {
    const { start, end } = storiesOfPart(plan, part)
    return end - start
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}
