import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { harvestSettingsSchema, settingsOf } from '../../core/bundle/harvestManifest.ts'
import { type Manifest, storyCorpusSchema } from '../../core/bundle/manifest.ts'
import type { HarvestSettings } from '../../core/statistics/HarvestSettings.ts'
import type { Provider } from '../node/createOpenSession.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const { sources, field, empty_stories, sample } = storyCorpusSchema.entries

/** Where the matrix products are done: a provider of ONNX Runtime. */
export const PROVIDERS = ['cpu', 'webgpu'] as const satisfies readonly Provider[]

export const DEFAULT_PART_STORIES = 512

/** Everything that the bytes of a harvest's parts depend on: parts of different plans are never added up. */
export const harvestPlanSchema = v.object({
  /** Version of SPD Atlas. */
  written_by: v.string(),
  checkpoint_sha256: sha256,
  /** Of the bundle's graphs, weights and tokenizer: other precision or dropped subcomponents give other numbers. */
  model_sha256: sha256,
  provider: v.picklist(PROVIDERS),
  corpus: v.object({
    sources,
    field,
    empty_stories,
    sample,
    limit_positions: v.nullable(count),
    /** Numbered from 0. */
    stories: v.pipe(count, v.minValue(1)),
  }),
  settings: harvestSettingsSchema,
})
export type HarvestPlan = v.InferOutput<typeof harvestPlanSchema>

/** SHA-256 of the plan, equal where all of it is: the `key` of its harvests. */
export function keyOfPlan(plan: HarvestPlan): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex')
}

/** How `found` differs from `expected`, value by value; empty where it does not. */
export function differencesOfPlans(found: HarvestPlan, expected: HarvestPlan): string[] {
  const before = valuesOf(found)
  const after = valuesOf(expected)
  return [...before].flatMap(([name, value]) =>
    value === after.get(name) ? [] : [`${name} ${value}, expected ${after.get(name)}`],
  )
}

/** The settings in the words of core/statistics, for the modules of the plan's run. */
export function settingsOfPlan({ settings }: HarvestPlan, { modules }: Pick<Manifest, 'modules'>): HarvestSettings {
  return settingsOf({ settings, modules })
}

/** Number of parts that the stories are cut into. */
export function partCountOf({ corpus, settings }: HarvestPlan): number {
  return Math.ceil(corpus.stories / settings.part_stories)
}

/** Stories start ≤ story < end of part `part`. */
export function storiesOfPart(
  { corpus, settings }: HarvestPlan,
  part: number,
): { readonly start: number; readonly end: number } {
  const size = settings.part_stories
  return { start: part * size, end: Math.min((part + 1) * size, corpus.stories) }
}

/** Every value as JSON by its name, those of the corpus and the settings by "corpus.field" and the like. */
function valuesOf({ corpus, settings, ...rest }: HarvestPlan): Map<string, string> {
  const named = (prefix: string, values: object): [string, string][] =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, canonicalJson(value)])
  return new Map([...named('', rest), ...named('corpus.', corpus), ...named('settings.', settings)])
}

/** JSON with the keys of every object in order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, found: unknown) => {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return found
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
