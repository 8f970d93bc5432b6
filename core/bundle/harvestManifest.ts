import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import type { HarvestSettings } from '../statistics/HarvestSettings.ts'
import { storyCorpusSchema } from './manifest.ts'

/** The layout of a harvest's folder this code writes and reads; any other number is refused. */
export const HARVEST_FORMAT = 2

/** Largest harvest.json we read, in characters: it holds a few stories and two lines a module. */
const MAX_CHARACTERS = 2 ** 24

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const upTo255 = v.pipe(count, v.maxValue(255))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const fileSchema = v.object({ path: v.pipe(v.string(), v.regex(/^[\w-]+\.bin$/)), bytes: count, sha256 })

export const harvestSettingsSchema = v.object({
  vocabulary_size: v.pipe(count, v.minValue(1), v.maxValue(2 ** 24)),
  context_length: v.pipe(count, v.minValue(1), v.maxValue(2 ** 24)),
  threshold: v.number(),
  levels: v.pipe(v.array(v.number()), v.minLength(1), v.maxLength(255)),
  seed: count,
  examples_per_subcomponent: upTo255,
  strongest_per_subcomponent: upTo255,
  window_radius: upTo255,
  sample_share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  part_stories: v.pipe(count, v.minValue(1)),
  /** Token categories counted; 0 where tokens are not tagged. */
  categories: upTo255,
})

const harvestSchema = v.object({
  format: v.literal(HARVEST_FORMAT),
  /** SHA-256 of the checkpoint of the bundle that was harvested. */
  checkpoint_sha256: sha256,
  /** Tells what else the counts depend on: the corpus and the bundle's graphs. Parts with other keys do not add up. */
  key: v.string(),
  settings: harvestSettingsSchema,
  /** Stories start ≤ s < end of the corpus. */
  stories: v.object({ start: count, end: count }),
  positions: count,
  sampled_positions: count,
  /** What a finished harvest says of its corpus; null in a part. */
  corpus: v.nullable(storyCorpusSchema),
  example_stories: v.array(v.object({ story: count, text: v.string() })),
  files: v.object({
    /** Of encodeCorpusActivity. */
    corpus: fileSchema,
    /** Of encodeSampledPositions, one block after the other. */
    sampled_positions: fileSchema,
    /** Of encodeStories. */
    stories: fileSchema,
  }),
  /** In order of execution: a file of encodeModuleActivity, and a sorted run of firing counts. */
  modules: v.array(
    v.object({ path: v.string(), c: v.pipe(count, v.maxValue(2 ** 20)), activity: fileSchema, counts: fileSchema }),
  ),
})

/** harvest.json: what was harvested, and the files beside it; of a whole corpus or a part of it. */
export type HarvestManifest = v.InferOutput<typeof harvestSchema>
export type HarvestFile = v.InferOutput<typeof fileSchema>

/** The settings of a harvest in the words of core/statistics. */
export function settingsOf({
  settings,
  modules,
}: {
  readonly settings: HarvestManifest['settings']
  readonly modules: readonly { readonly path: string; readonly c: number }[]
}): HarvestSettings {
  return {
    vocabularySize: settings.vocabulary_size,
    contextLength: settings.context_length,
    threshold: settings.threshold,
    levels: settings.levels,
    seed: settings.seed,
    examplesPerSubcomponent: settings.examples_per_subcomponent,
    strongestPerSubcomponent: settings.strongest_per_subcomponent,
    windowRadius: settings.window_radius,
    sampleShare: settings.sample_share,
    partStories: settings.part_stories,
    categoryCount: settings.categories,
    modules: modules.map(({ path, c }) => ({ path, C: c })),
  }
}

/** The settings as harvest.json has them. */
export function describeSettings(settings: HarvestSettings): HarvestManifest['settings'] {
  return {
    vocabulary_size: settings.vocabularySize,
    context_length: settings.contextLength,
    threshold: settings.threshold,
    levels: [...settings.levels],
    seed: settings.seed,
    examples_per_subcomponent: settings.examplesPerSubcomponent,
    strongest_per_subcomponent: settings.strongestPerSubcomponent,
    window_radius: settings.windowRadius,
    sample_share: settings.sampleShare,
    part_stories: settings.partStories,
    categories: settings.categoryCount,
  }
}

/** The harvest.json in `text`; errors name the place and the field. */
export function readHarvestManifest(text: string, place: string): HarvestManifest {
  if (text.length > MAX_CHARACTERS) {
    throw new AtlasError('format/too-large', `${place}: ${text.length} characters, at most ${MAX_CHARACTERS} are read`)
  }
  const parsed = v.safeParse(harvestSchema, parseJson(text, place))
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  throw new AtlasError('format/malformed', `${place}, ${v.getDotPath(issue) ?? 'root'}: ${issue.message}`)
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AtlasError('format/malformed', `${place}: not JSON`, { cause })
  }
}
