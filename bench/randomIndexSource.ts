import type { IndexSource, SourceActivity } from '../core/bundle/writing/IndexSource.ts'
import { CI_UNIT } from '../core/statistics/Activity.ts'
import { ACTIVATION_BINS } from '../core/statistics/activationBin.ts'
import { type FiringCounts, tokenCountsAt } from '../core/statistics/FiringCounts.ts'
import { createFiringSample, type FiringSample, offerFiring } from '../core/statistics/FiringSample.ts'
import { CI_STEPS, JACKKNIFE_BLOCKS } from '../core/statistics/HarvestSettings.ts'
import type { SampledPositions } from '../core/statistics/SampledPositions.ts'
import { RandomStream } from '../core/synthesis/RandomStream.ts'

/** How large an index to draw. */
export interface RandomIndexSize {
  readonly moduleCount: number
  /** Subcomponents of each module. */
  readonly C: number
  readonly vocabularySize: number
  readonly storyCount: number
  readonly storyLength: number
  readonly activeShare: number
  /** Ascending; the run's threshold is `threshold`. */
  readonly levels: readonly number[]
  readonly threshold: number
  readonly sampledPositions: number
}

const EXAMPLES = 20
const STRONGEST = 10
const WINDOW_RADIUS = 10
/** Unique tokens of a subcomponent are drawn uniformly in their logarithm: 1 to so many. */
const MOST_UNIQUE_TOKENS = 1000
/** Active subcomponents of a module on a sampled position. */
const SAMPLED_L0 = 4
const OUTPUTS_OF_POSITION = 16

/** An index source of random numbers, no model behind them: of the shapes, and about the sparsity, of a harvest. */
export function randomIndexSource(size: RandomIndexSize): IndexSource {
  const { moduleCount, C, vocabularySize, storyCount, storyLength, levels, threshold } = size
  const random = new RandomStream(0, 'corpus')
  const stories = Array.from({ length: storyCount }, () =>
    Uint32Array.from({ length: storyLength }, () => drawToken(random, vocabularySize)),
  )
  const occurrences = new Uint32Array(vocabularySize)
  for (const story of stories) for (const id of story) occurrences[id] = (occurrences[id] ?? 0) + 1
  const positionCount = storyCount * storyLength
  return {
    positionCount,
    threshold,
    levels,
    tokens: Array.from({ length: vocabularySize }, (_, id) => `token${id}`),
    occurrences,
    storiesByPosition: new Uint32Array(storyLength).fill(storyCount),
    blockPositions: new Float64Array(JACKKNIFE_BLOCKS).fill(positionCount / JACKKNIFE_BLOCKS),
    sample: { drawn: size.sampledPositions, positions: drawSample(size, stories) },
    stories,
    exampleStories: [],
    windowRadius: WINDOW_RADIUS,
    modules: Array.from({ length: moduleCount }, (_, i) => ({
      path: `model.layers.${i}.mlp.up_proj`,
      layer: i,
      kind: 'up_proj',
      C,
      writeNorms: new Float32Array(C).fill(1),
      readActivity: async () => drawActivity(size, i),
    })),
  }
}

/** Low ids are common, as in a vocabulary sorted by frequency. */
const drawToken = (random: RandomStream, vocabularySize: number): number =>
  Math.floor(vocabularySize ** random.uniform()) - 1

function drawActivity(size: RandomIndexSize, moduleId: number): SourceActivity {
  const { C, storyLength, levels, threshold } = size
  const random = new RandomStream(moduleId, 'module')
  const firingCounts = drawCounts(random, size)
  const level = levels.indexOf(threshold)
  const tokenCounts = Array.from({ length: C }, (_, c) => tokenCountsAt(firingCounts, c, level))
  const firings = tokenCounts.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0))
  return {
    tokenCounts,
    firingCounts,
    ciSums: Float64Array.from(firings, (count) => Math.floor((0.7 * count) / CI_UNIT)),
    examples: drawExamples(random, size, firings, EXAMPLES),
    strongest: drawExamples(random, size, firings, STRONGEST),
    blockCounts: spread(firings, JACKKNIFE_BLOCKS),
    histograms: {
      ci: spread(firings, CI_STEPS),
      activation: spread(firings, ACTIVATION_BINS),
      sampledActivation: spread(firings, ACTIVATION_BINS),
    },
    l0ByPosition: new Float64Array(storyLength * levels.length).fill(C / 100),
  }
}

function drawCounts(random: RandomStream, { C, vocabularySize, activeShare, levels }: RandomIndexSize): FiringCounts {
  const starts = new Uint32Array(C + 1)
  const [tokenIds, bins, counts, blocks]: number[][] = [[], [], [], []]
  for (let c = 0; c < C; c++) {
    if (random.uniform() < activeShare) {
      const unique = Math.min(vocabularySize, Math.floor(MOST_UNIQUE_TOKENS ** random.uniform()))
      const step = Math.floor(vocabularySize / unique)
      for (let k = 0; k < unique; k++) {
        tokenIds?.push(k * step + random.integer(step))
        bins?.push(1 + random.integer(levels.length))
        counts?.push(Math.floor(50 ** random.uniform()))
        blocks?.push(1 + random.integer(2 ** JACKKNIFE_BLOCKS - 1))
      }
    }
    starts[c + 1] = tokenIds?.length ?? 0
  }
  return {
    starts,
    tokenIds: Uint32Array.from(tokenIds ?? []),
    bins: Uint8Array.from(bins ?? []),
    counts: Uint32Array.from(counts ?? []),
    blocks: Uint16Array.from(blocks ?? []),
  }
}

function drawExamples(
  random: RandomStream,
  { C, storyCount, storyLength }: RandomIndexSize,
  firings: readonly number[],
  capacity: number,
): FiringSample {
  const sample = createFiringSample(C, capacity, WINDOW_RADIUS)
  for (const [c, count] of firings.entries()) {
    for (let i = 0; i < Math.min(count, capacity); i++) {
      offerFiring(sample, c, {
        key: random.integer(2 ** 32),
        story: random.integer(storyCount),
        position: random.integer(storyLength),
        causalImportance: random.uniform(),
        innerActivation: random.normal(),
        window: Uint8Array.from({ length: 2 * WINDOW_RADIUS + 1 }, () =>
          random.uniform() < 0.8 ? 0 : random.integer(255),
        ),
      })
    }
  }
  return sample
}

/** Row-major [firings, bins]: each row's firings over its bins, more in the first. */
function spread(firings: readonly number[], bins: number): Uint32Array {
  const table = new Uint32Array(firings.length * bins)
  for (const [c, count] of firings.entries()) {
    for (let bin = 0, left = count; bin < bins && left > 0; bin++) {
      const taken = Math.ceil(left / 2)
      table[c * bins + bin] = taken
      left -= taken
    }
  }
  return table
}

function drawSample(size: RandomIndexSize, stories: readonly Uint32Array[]): SampledPositions {
  const { moduleCount, C, vocabularySize, storyCount, storyLength, sampledPositions: rowCount } = size
  const random = new RandomStream(0, 'sample')
  const rowStarts = (length: number): Uint32Array =>
    Uint32Array.from({ length: rowCount + 1 }, (_, row) => row * length)
  const ascending = (length: number, end: number): Uint32Array => {
    const step = Math.floor(end / length)
    return Uint32Array.from({ length: rowCount * length }, (_, i) => (i % length) * step + random.integer(step))
  }
  const places = Array.from({ length: rowCount }, () => ({
    story: random.integer(storyCount),
    position: random.integer(storyLength),
  }))
  return {
    rowCount,
    stories: Uint32Array.from(places, ({ story }) => story),
    positions: Uint32Array.from(places, ({ position }) => position),
    tokenIds: Uint32Array.from(places, ({ story, position }) => stories[story]?.[position] ?? 0),
    outputs: {
      starts: rowStarts(OUTPUTS_OF_POSITION),
      tokenIds: ascending(OUTPUTS_OF_POSITION, vocabularySize),
      probabilities: new Uint32Array(rowCount * OUTPUTS_OF_POSITION).fill(2 ** 24 / OUTPUTS_OF_POSITION),
    },
    modules: Array.from({ length: moduleCount }, () => ({
      starts: rowStarts(SAMPLED_L0),
      subcomponents: ascending(SAMPLED_L0, C),
    })),
  }
}
