import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'
import { storyCorpusSchema } from './manifest.ts'

/** The layout of a harvest's folder this code writes and reads; any other number is refused. */
export const HARVEST_FORMAT = 1

/** Largest harvest.json we read, in characters: it holds a few stories and a line a module. */
const MAX_CHARACTERS = 2 ** 24

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const file = v.object({ path: v.pipe(v.string(), v.regex(/^[\w-]+\.bin$/)), bytes: count, sha256: v.string() })

const harvestSchema = v.object({
  format: v.literal(HARVEST_FORMAT),
  /** SHA-256 of the checkpoint of the bundle that was harvested. */
  checkpoint_sha256: v.string(),
  corpus: storyCorpusSchema,
  examples_per_subcomponent: v.pipe(count, v.maxValue(255)),
  window_radius: count,
  example_stories: v.array(v.object({ story: count, text: v.string() })),
  vocabulary_size: count,
  /** uint32[vocabulary_size], little-endian: occurrences of each token. */
  occurrences: file,
  /** Varints: for each story the number of its tokens, then their ids. */
  stories: file,
  /** Each a file of encodeHarvestModule. */
  modules: v.array(v.object({ path: v.string(), c: count, file })),
})

/** harvest.json: what was harvested, and the files beside it. */
export type HarvestManifest = v.InferOutput<typeof harvestSchema>
export type HarvestFile = HarvestManifest['stories']

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
