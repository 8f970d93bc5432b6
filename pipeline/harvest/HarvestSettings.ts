import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { storyCorpusSchema } from '../../core/bundle/manifest.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const corpus = storyCorpusSchema.entries

/** Where the matrix products are done. */
export const providerSchema = v.picklist(['cpu', 'webgpu'])
export type Provider = v.InferOutput<typeof providerSchema>

/** Everything that the bytes of a harvest's parts depend on: parts of different settings are never added up. */
export const harvestSettingsSchema = v.object({
  /** Version of SPD Atlas. */
  written_by: v.string(),
  checkpoint_sha256: sha256,
  /** Of the bundle's graphs, weights and tokenizer: other precision or dropped subcomponents give other numbers. */
  model_sha256: sha256,
  provider: providerSchema,
  sources: corpus.sources,
  field: corpus.field,
  empty_stories: corpus.empty_stories,
  sample: corpus.sample,
  limit_positions: v.nullable(count),
  /** Stories of the corpus, numbered from 0. */
  stories: v.pipe(count, v.minValue(1)),
  part_stories: v.pipe(count, v.minValue(1)),
  vocabulary_size: count,
  context_length: corpus.context_length,
  threshold: corpus.threshold,
  levels: corpus.levels,
  seed: corpus.seed,
  sample_share: corpus.sample_share,
  jackknife_blocks: corpus.jackknife_blocks,
  examples_per_subcomponent: v.pipe(count, v.maxValue(255)),
  strongest_per_subcomponent: v.pipe(count, v.maxValue(255)),
  window_radius: count,
  /** Whether the words of the stories are tagged. */
  categories: v.boolean(),
})
export type HarvestSettings = v.InferOutput<typeof harvestSettingsSchema>

/** SHA-256 of the settings, equal where all of them are. */
export function hashOfSettings(settings: HarvestSettings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex')
}

/** How `found` differs from `expected`, setting by setting; empty where it does not. */
export function differingSettings(found: HarvestSettings, expected: HarvestSettings): string[] {
  const before = Object.entries(found)
  const after = new Map(Object.entries(expected).map(([key, value]) => [key, canonicalJson(value)]))
  return before
    .filter(([key, value]) => canonicalJson(value) !== after.get(key))
    .map(([key, value]) => `${key} ${canonicalJson(value)}, expected ${after.get(key)}`)
}

/** Number of parts that the stories are cut into. */
export function partCountOf({ stories, part_stories }: HarvestSettings): number {
  return Math.ceil(stories / part_stories)
}

/** Stories start ≤ story < end of part `part`. */
export function storiesOfPart(
  { stories, part_stories }: HarvestSettings,
  part: number,
): { start: number; end: number } {
  return { start: part * part_stories, end: Math.min((part + 1) * part_stories, stories) }
}

/** JSON with the keys of every object in order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, found: unknown) => {
    if (typeof found !== 'object' || found === null || Array.isArray(found)) return found
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
