import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import { listNames } from '../stories/listNames.ts'
import { reached } from '../stories/readFileChunks.ts'
import { assertFiles } from './assertFiles.ts'
import { differencesOfPlans, type HarvestPlan, partCountOf } from './HarvestPlan.ts'
import { type PartDescription, partName, partOfName, readPart } from './partFolder.ts'

/** All parts of a harvest, each once, whole, and of one plan. */
export interface CheckedParts {
  readonly plan: HarvestPlan
  /** Folders of part 0, 1, ... */
  readonly folders: readonly string[]
  /** Stories longer than the context. */
  readonly storiesCut: number
}

interface NamedPart {
  readonly folder: string
  readonly part: number
  readonly description: PartDescription
}

/**
 * Finds the parts of one harvest in `folders` and reads each of their files once. Parts that are missing, damaged, there
 * twice or of another harvest are told one by one, and then `harvest/incomplete` is thrown.
 */
export async function checkParts(
  folders: readonly string[],
  tell: (line: string) => void,
  onProgress: OnProgress,
): Promise<CheckedParts> {
  const findings = createFindings(tell)
  const readable = await readParts(folders, findings)
  const plan = commonPlan(readable)
  if (plan === null) {
    findings.assertNone()
    throw new AtlasError('harvest/incomplete', `${folders.join(', ')}: no part of a harvest in there`)
  }
  const own = readable.filter((found) => {
    const differences = differencesOfPlans(found.description.plan, plan)
    if (differences.length > 0) findings.add('of another harvest', found.folder, differences.join('; '))
    return differences.length === 0
  })
  const partCount = partCountOf(plan)
  const placed = placeParts(own, partCount, findings)
  await readFiles(placed, findings, onProgress)
  for (let part = 0; part < partCount; part++) {
    const isMissing = !placed.has(part) && !findings.hasPart(partName(part))
    if (isMissing) findings.add('missing', partName(part), `in none of ${folders.join(', ')}`)
  }
  findings.assertNone()
  const parts = [...placed.values()].sort((a, b) => a.part - b.part)
  return {
    plan,
    folders: parts.map(({ folder }) => folder),
    storiesCut: parts.reduce((sum, { description }) => sum + description.stories_cut, 0),
  }
}

type Finding = 'missing' | 'damaged' | 'there twice' | 'of another harvest'

function createFindings(tell: (line: string) => void) {
  const names = new Map<Finding, string[]>()
  const told = new Set<string>()
  return {
    add(finding: Finding, folder: string, reason: string): void {
      names.set(finding, [...(names.get(finding) ?? []), folder])
      told.add(folder.slice(folder.lastIndexOf('/') + 1))
      tell(`${folder}: ${finding} (${reason})`)
    },
    hasPart: (name: string): boolean => told.has(name),
    assertNone(): void {
      if (names.size === 0) return
      const summary = [...names].map(([finding, found]) => `${found.length} ${finding} (${listNames(found)})`)
      throw new AtlasError('harvest/incomplete', `parts of the harvest: ${summary.join(', ')}`)
    },
  }
}

type Findings = ReturnType<typeof createFindings>

async function readParts(folders: readonly string[], findings: Findings): Promise<NamedPart[]> {
  const parts: NamedPart[] = []
  for (const parent of folders) {
    for (const name of (await reached(readdir(parent), parent)).sort()) {
      const part = partOfName(name)
      if (part === null) continue
      const folder = join(parent, name)
      const description = await unlessDamaged(folder, findings, () => readPart(folder))
      if (description === null) continue
      if (description.part === part) parts.push({ folder, part, description })
      else findings.add('damaged', folder, `says it is ${partName(description.part)}`)
    }
  }
  return parts
}

/** The plan that most parts have, the first of several. */
function commonPlan(parts: readonly NamedPart[]): HarvestPlan | null {
  const counts = new Map<string, { plan: HarvestPlan; count: number }>()
  for (const { description } of parts) {
    const { key, plan } = description
    counts.set(key, { plan, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0]?.plan ?? null
}

function placeParts(parts: readonly NamedPart[], partCount: number, findings: Findings): Map<number, NamedPart> {
  const placed = new Map<number, NamedPart>()
  for (const found of parts) {
    const earlier = placed.get(found.part)
    if (earlier !== undefined) findings.add('there twice', found.folder, `as ${earlier.folder} too`)
    else if (found.part >= partCount) findings.add('damaged', found.folder, `the harvest has ${partCount} parts`)
    else placed.set(found.part, found)
  }
  return placed
}

async function readFiles(
  parts: ReadonlyMap<number, NamedPart>,
  findings: Findings,
  onProgress: OnProgress,
): Promise<void> {
  const total = [...parts.values()].reduce((sum, found) => sum + sizeOf(found), 0)
  let done = 0
  for (const { folder, description } of parts.values()) {
    await unlessDamaged(folder, findings, () =>
      assertFiles(folder, description.files, (byteLength) => {
        done += byteLength
        onProgress({ label: 'checking the parts', done, total, unit: 'bytes' })
      }),
    )
  }
}

/** What `read` gives; null where it finds the part damaged, which is then among the findings. */
async function unlessDamaged<T>(folder: string, findings: Findings, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof AtlasError)) throw error
    findings.add('damaged', folder, error.message)
    return null
  }
}

function sizeOf({ description }: NamedPart): number {
  return description.files.reduce((sum, { bytes }) => sum + bytes, 0)
}
