import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { readText, unwritable, writeFileAtomically, written } from '../node/files.ts'
import { hashOfFile } from '../stories/hashOfFile.ts'
import { type HarvestPlan, harvestPlanSchema, keyOfPlan } from './HarvestPlan.ts'

/** The file that makes a folder a part of a harvest, written last. */
export const PART_JSON = 'part.json'

/** The layout of a part's folder this code writes and reads; any other number is refused. */
const PART_FORMAT = 1

/** Largest part.json we read, in characters: it names some hundred files. */
const MAX_CHARACTERS = 2 ** 24

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const partSchema = v.object({
  format: v.literal(PART_FORMAT),
  part: count,
  /** SHA-256 of the plan. */
  key: v.string(),
  plan: harvestPlanSchema,
  /** Stories longer than the context. */
  stories_cut: count,
  /** All others of the folder. */
  files: v.array(v.object({ path: v.pipe(v.string(), v.regex(/^[\w.-]+$/)), bytes: count, sha256: v.string() })),
})

/** part.json: which part it is, of which harvest, and the files beside it. */
export type PartDescription = v.InferOutput<typeof partSchema>

/** Folder in which the parts of the harvest `out` gather until they are merged. */
export function partsFolderOf(out: string): string {
  return `${out.replace(/\/+$/, '')}.parts`
}

/** Name of part `part`, e.g. "part-000012". */
export function partName(part: number): string {
  return `part-${String(part).padStart(6, '0')}`
}

/** Number of the part that a folder's name says; null where it is the name of none. */
export function partOfName(name: string): number | null {
  const digits = /^part-(\d{6,15})$/.exec(name)?.[1]
  return digits !== undefined && partName(Number(digits)) === name ? Number(digits) : null
}

/**
 * Writes a part's folder whole or not at all: `write` fills one of another name and tells how many stories it cut. What
 * is there already under the part's name stays, and the work was in vain: some other process had the same part.
 */
export async function writePart(
  parts: string,
  part: number,
  plan: HarvestPlan,
  write: (partial: string) => Promise<number>,
): Promise<void> {
  const folder = join(parts, partName(part))
  const partial = `${folder}.${process.pid}.tmp`
  try {
    await written(mkdir(partial, { recursive: true }), partial)
    await describePart(partial, part, plan, await write(partial))
    await rename(partial, folder).catch((cause: unknown) => unwritable(folder, cause))
  } finally {
    // Best effort: the next run removes what stays.
    await rm(partial, { recursive: true, force: true }).catch(() => undefined)
  }
}

async function describePart(folder: string, part: number, plan: HarvestPlan, storiesCut: number): Promise<void> {
  const names = (await readdir(folder)).sort()
  const files: PartDescription['files'] = []
  for (const path of names) files.push({ path, ...(await hashOfFile(join(folder, path))) })
  const description: PartDescription = {
    format: PART_FORMAT,
    part,
    key: keyOfPlan(plan),
    plan,
    stories_cut: storiesCut,
    files,
  }
  await writeFileAtomically(join(folder, PART_JSON), `${JSON.stringify(description, null, 2)}\n`)
}

/** The description of the part in `folder`; errors name the place and the field. */
export async function readPart(folder: string): Promise<PartDescription> {
  const place = join(folder, PART_JSON)
  const text = await readText(place)
  if (text.length > MAX_CHARACTERS) {
    throw new AtlasError('format/too-large', `${place}: ${text.length} characters, at most ${MAX_CHARACTERS} are read`)
  }
  const parsed = v.safeParse(partSchema, parseJson(text, place))
  if (!parsed.success) {
    const issue = parsed.issues[0]
    throw new AtlasError('format/malformed', `${place}, ${v.getDotPath(issue) ?? 'root'}: ${issue.message}`)
  }
  if (parsed.output.key === keyOfPlan(parsed.output.plan)) return parsed.output
  throw new AtlasError('bundle/corrupt', `${place}: key is not that of its plan`)
}

/** Removes what killed runs have left of the parts that `isOwn` says are ours. */
export async function removePartialParts(parts: string, isOwn: (part: number) => boolean): Promise<void> {
  for (const name of await readdir(parts)) {
    const part = partOfName(/^(.*)\.\d+\.tmp$/.exec(name)?.[1] ?? '')
    if (part !== null && isOwn(part)) await rm(join(parts, name), { recursive: true, force: true })
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AtlasError('format/malformed', `${place}: not JSON`, { cause })
  }
}
