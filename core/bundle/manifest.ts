import * as v from 'valibot'
import { AtlasError } from '../errors/AtlasError.ts'

/** The bundle format this code writes and reads; any other number is refused. */
export const BUNDLE_FORMAT = 2

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** Paths inside a bundle: relative, forward slashes, no way out of the folder. */
const bundlePath = v.pipe(v.string(), v.regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[\w.-]+(?:\/[\w.-]+)*$/))

const moduleSchema = v.object({
  path: v.string(),
  layer: v.nullable(count),
  kind: v.string(),
  role: v.picklist(['linear', 'embedding', 'identity']),
  d_in: count,
  d_out: count,
  /** Number of subcomponents. */
  c: count,
  /**
   * Subcomponents that the graphs hold, in the order of their columns, as the bits of base64 bytes (bit c % 8 of byte
   * c / 8, lowest first); null where they hold all. The others are masked by δ always; a module none of which is kept
   * has no ports.
   */
  kept: v.nullable(v.object({ count, bits: v.string() })),
  /** ‖W − (V U)ᵀ‖² / ‖W‖², of the weights as the checkpoint has them; null where it was not computed. */
  faithfulness: v.nullable(v.number()),
})

const precisionSchema = v.picklist(['f32', 'f16', 'i8'])

/** Where a bundle's subcomponents were found to be dead, and at which threshold. */
const prunedBySchema = v.object({
  source: v.picklist(['index', 'harvest']),
  threshold: v.number(),
  positions: count,
  stories: v.nullable(count),
})

const storyFilesSchema = v.array(v.object({ name: v.string(), sha256, stories: count }))

/** What `evaluate` measured on held-out stories. */
const evaluationSchema = v.object({
  /** The stories, in the order read. */
  sources: storyFilesSchema,
  stories: count,
  positions: count,
  threshold: v.number(),
  /** Causal importances of this bundle against those of the same run whole and in float32; null where not compared. */
  ci_error: v.nullable(
    v.object({
      /** Of |CI − CI of the reference|, over all positions and the reference's subcomponents, those dropped at 0 among them. */
      max: v.number(),
      mean: v.number(),
      /** Share of the decisions CI > threshold that differ, of those where either says yes. */
      flip_share: v.number(),
      /** Firings of dropped subcomponents in the reference. */
      dropped_firings: count,
    }),
  ),
  /** KL(target ‖ CI-masked) in nats a position, all modules masked. */
  ci_masked_kl: v.number(),
  /** The same with one module masked and the others whole, in the order of `modules`. */
  module_ci_masked_kl: v.array(v.number()),
})

const fileSchema = v.object({
  path: bundlePath,
  /** Of the stored bytes. */
  bytes: count,
  sha256,
  /** Of what a gzipped file holds: some hosts send it unpacked (Content-Encoding by the name's ending). */
  unpacked: v.optional(v.object({ bytes: count, sha256 })),
})

/** The corpus of stories an index was made from. */
export const storyCorpusSchema = v.object({
  source: v.optional(v.literal('stories'), 'stories'),
  /** Names of the story files, how many stories each gave, and what separates them in a .txt file. */
  sources: v.array(
    v.object({
      name: v.string(),
      sha256,
      stories: count,
      separator: v.nullable(v.picklist(['blank-line', 'endoftext'])),
    }),
  ),
  field: v.string(),
  /** Stories that held nothing but white space, and were left out. */
  empty_stories: count,
  /** Drawn at random from the sources' `population` stories; null where all were taken. */
  sample: v.nullable(v.object({ count, seed: count, population: count })),
  stories: count,
  positions: count,
  distinct_tokens: count,
  /** Stories longer than the context, whose tail (and [EOS]) was cut. */
  stories_cut: count,
  context_length: count,
  threshold: v.number(),
  /** Thresholds at which counts are kept, ascending, `threshold` among them. */
  levels: v.array(v.number()),
  /** Seed of the hashes by which examples and positions are sampled. */
  seed: count,
  /** Share of the positions, drawn by hash, that co-firing, output tokens and activation histograms are counted on. */
  sample_share: v.number(),
  sampled_positions: count,
  /** Blocks of stories, by hash, that the jackknife leaves out in turn. */
  jackknife_blocks: count,
})

/** What is known of the corpus of a harvest that the spd package made; its stories are not. */
export const spdHarvestCorpusSchema = v.object({
  source: v.literal('spd-harvest'),
  /** Names of the harvest's files. */
  sources: v.array(v.object({ name: v.string(), bytes: count })),
  /** What the harvest calls the run; null where it does not. */
  wandb_path: v.nullable(v.string()),
  positions: count,
  distinct_tokens: count,
  threshold: v.number(),
})

const corpusSchema = v.variant('source', [storyCorpusSchema, spdHarvestCorpusSchema])

export const manifestSchema = v.object({
  format: v.literal(BUNDLE_FORMAT),
  id: v.pipe(v.string(), v.regex(/^[\w.-]+$/)),
  title: v.string(),
  /** Version of SPD Atlas that wrote the bundle. */
  written_by: v.string(),
  run: v.object({
    step: count,
    ci_kind: v.picklist(['mlp', 'vector_mlp', 'shared_mlp']),
    ci_hidden: v.array(count),
    sigmoid_type: v.picklist(['leaky_hard', 'hard', 'upper_leaky_hard', 'normal', 'swish_hard']),
    sampling: v.picklist(['continuous', 'binomial']),
    use_delta_component: v.boolean(),
    trained_length: v.nullable(count),
    /** SHA-256 of checkpoint and config as read. */
    checkpoint: v.object({ name: v.string(), bytes: count, sha256 }),
    config: v.object({ name: v.string(), sha256 }),
  }),
  target_model: v.object({
    architecture: v.picklist(['LlamaForCausalLM', 'GPT2LMHeadModel', 'LlamaSimple', 'LlamaSimpleMLP', 'GPT2Simple']),
    name: v.nullable(v.string()),
    layers: count,
    width: count,
    heads: count,
    key_value_heads: count,
    vocabulary_size: count,
    context_length: count,
    parameters: count,
  }),
  modules: v.array(moduleSchema),
  /** Storage of the weights; arithmetic is float32 either way. */
  precision: v.object({
    target: v.picklist(['f32', 'f16']),
    v: precisionSchema,
    u: precisionSchema,
    ci: precisionSchema,
  }),
  /** Why subcomponents are left out of the graphs; null where none is. */
  pruned_by: v.nullable(prunedBySchema),
  /** Null until `evaluate` has run. */
  evaluation: v.nullable(evaluationSchema),
  graphs: v.object({
    observe: bundlePath,
    intervene: bundlePath,
    /** External data of both graphs. */
    weights: v.array(bundlePath),
  }),
  tokenizer: bundlePath,
  /** Absent until `index` has run. */
  corpus: v.nullable(corpusSchema),
  index: v.nullable(
    v.object({
      summary: bundlePath,
      /** The summary's tables at the other levels. */
      levels: v.array(v.object({ path: bundlePath, threshold: v.number() })),
      /** Detail of the subcomponents start ≤ c < end of a module. */
      details: v.array(v.object({ path: bundlePath, module: v.string(), start: count, end: count })),
      /** Tokens start ≤ id < end: the subcomponents each activates. */
      tokens: v.array(v.object({ path: bundlePath, start: count, end: count })),
      /** Stories start ≤ story < end of the corpus. */
      stories: v.array(v.object({ path: bundlePath, start: count, end: count })),
    }),
  ),
  /** Grammar from which fresh stories in the model's language can be made; null where the run has none. */
  story_grammar: v.nullable(bundlePath),
  files: v.array(fileSchema),
})

export type WeightPrecision = v.InferOutput<typeof precisionSchema>
export type PrunedBy = v.InferOutput<typeof prunedBySchema>
export type Evaluation = v.InferOutput<typeof evaluationSchema>
export type StoryCorpus = v.InferOutput<typeof storyCorpusSchema>
export type SpdHarvestCorpus = v.InferOutput<typeof spdHarvestCorpusSchema>
export type Manifest = v.InferOutput<typeof manifestSchema>
export type ManifestModule = Manifest['modules'][number]
export type BundleFile = Manifest['files'][number]

/** The manifest in `text`; errors name the place and the field. */
export function readManifest(text: string, place: string): Manifest {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new AtlasError('bundle/corrupt', `${place}: manifest.json is not JSON`, { cause })
  }
  const format = v.safeParse(v.object({ format: v.number() }), json)
  if (format.success && format.output.format !== BUNDLE_FORMAT) {
    throw new AtlasError(
      'bundle/version',
      `${place}: bundle has format ${format.output.format}, expected ${BUNDLE_FORMAT}`,
      { details: { found: format.output.format, expected: BUNDLE_FORMAT } },
    )
  }
  const parsed = v.safeParse(manifestSchema, json)
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  throw new AtlasError('bundle/corrupt', `${place}: manifest.json, ${v.getDotPath(issue) ?? 'root'}: ${issue.message}`)
}
