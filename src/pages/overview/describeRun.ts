import type { Evaluation, Manifest, SpdHarvestCorpus, StoryCorpus } from '../../../core/bundle/manifest.ts'
import { describeCiError, describePrecision } from '../../clients/describeReduction.ts'
import { formatBytes, formatCount, formatNats } from '../../ui/formatNumber.ts'

/** A name and what is known under it. */
export type Pair = readonly [name: string, value: string]

/** What the target model is called: its own name, or the run's title. */
export function targetName({ target_model: target, title }: Manifest): string {
  return target.name ?? title
}

/** Where the run comes from and how it was trained. */
export function runPairs({ id, title, run, target_model: target, precision, written_by: writer }: Manifest): Pair[] {
  const hidden = run.ci_hidden.length === 0 ? 'linear' : `hidden ${run.ci_hidden.join(', ')}`
  const heads = `${target.heads} query and ${target.key_value_heads} key/value heads`
  return [
    ['run', title === id ? id : `${id}, ${title}`],
    ['target model', `${target.name ?? 'no name given'}, ${target.architecture}`],
    ['shape', `${target.layers} layers, width ${target.width}, ${heads}, context ${target.context_length}`],
    ['parameters', `${formatCount(target.parameters)}, vocabulary ${formatCount(target.vocabulary_size)}`],
    ['checkpoint', `${run.checkpoint.name}, ${formatBytes(run.checkpoint.bytes)}, step ${run.step}`],
    ['SHA-256', run.checkpoint.sha256],
    ['config', `${run.config.name}, sha256:${run.config.sha256}`],
    ['CI function', `${run.ci_kind}, ${hidden}, ${run.sigmoid_type}`],
    ['sampling in training', describeSampling(run.sampling)],
    ['weight delta in training', run.use_delta_component ? 'masked beside the subcomponents' : 'left out'],
    [
      'trained on',
      run.trained_length === null ? 'lengths the config does not say' : `rows of ${run.trained_length} positions`,
    ],
    ['weights here', describePrecision(precision)],
    ['written by', writer],
  ]
}

/** What was measured on held-out stories, and on which; nothing where nothing was. */
export function evaluationPairs(
  manifest: Pick<Manifest, 'modules' | 'precision' | 'pruned_by' | 'evaluation'>,
): Pair[] {
  const { evaluation } = manifest
  if (evaluation === null) return []
  return [
    ...evaluation.sources.map(sourcePair),
    ['positions', `${formatCount(evaluation.positions)} of ${formatCount(evaluation.stories)} stories`],
    [
      'KL, CI-masked',
      `${formatNats(evaluation.ci_masked_kl)} nats a position, all modules masked by CI, without the delta`,
    ],
    ['CI here', describeCiError(manifest) ?? 'not compared with the whole run in 32 bits'],
  ]
}

const sourcePair = ({ name, stories, sha256 }: Evaluation['sources'][number]): Pair => [
  'stories',
  `${name}, ${formatCount(stories)}, sha256:${sha256}`,
]

/** What the statistics were counted over. */
export function corpusPairs(corpus: NonNullable<Manifest['corpus']>): Pair[] {
  return corpus.source === 'stories' ? storyPairs(corpus) : harvestPairs(corpus)
}

function storyPairs(corpus: StoryCorpus): Pair[] {
  return [
    ...corpus.sources.map(sourcePair),
    ['positions', `${formatCount(corpus.positions)}, every one of every story, [EOS] included`],
    [
      'cut',
      corpus.stories_cut === 0
        ? `none, all within ${corpus.context_length} tokens`
        : `${formatCount(corpus.stories_cut)} stories at ${corpus.context_length} tokens, without their [EOS]`,
    ],
    ['active', describeThreshold(corpus)],
    ['examples', `the smallest hashes of seed ${corpus.seed}, a uniform sample`],
  ]
}

function harvestPairs(corpus: SpdHarvestCorpus): Pair[] {
  return [
    ['harvest', 'made by the spd package; its stories are not known here'],
    ...corpus.sources.map(({ name, bytes }): Pair => ['file', `${name}, ${formatBytes(bytes)}`]),
    ['run there', corpus.wandb_path ?? 'not named'],
    ['positions', formatCount(corpus.positions)],
    ['active', describeThreshold(corpus)],
  ]
}

const describeThreshold = ({ threshold }: { readonly threshold: number }): string =>
  `causal importance strictly above ${threshold}`

function describeSampling(sampling: 'continuous' | 'binomial'): string {
  if (sampling === 'continuous') return 'continuous'
  return 'binomial: in training causal importance carried noise; here it never does'
}
