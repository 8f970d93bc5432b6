import type { HarvestPlan } from '../../../pipeline/harvest/HarvestPlan.ts'

/** A plan of `stories` stories in parts of two. */
export function smallPlan(stories: number, threshold = 0.01): HarvestPlan {
  return {
    written_by: '0.1.0',
    checkpoint_sha256: '0'.repeat(64),
    model_sha256: '1'.repeat(64),
    provider: 'cpu',
    corpus: {
      sources: [{ name: 'stories.jsonl', sha256: '2'.repeat(64), stories, separator: null }],
      field: 'story',
      empty_stories: 0,
      sample: null,
      limit_positions: null,
      stories,
    },
    settings: {
      vocabulary_size: 10,
      context_length: 8,
      threshold,
      levels: [threshold],
      seed: 0,
      examples_per_subcomponent: 20,
      strongest_per_subcomponent: 10,
      window_radius: 10,
      sample_share: 1,
      part_stories: 2,
      categories: 0,
    },
  }
}
