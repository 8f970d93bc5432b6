import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '../core/storyteller/seededRandom.ts'
import { writeTorchFile } from './writeTorchFile.ts'

/** Size of a harvest made up at random: its numbers agree with each other as a real one's do, and mean nothing. */
export interface HarvestSize {
  readonly moduleCount: number
  /** Subcomponents of a module. */
  readonly C: number
  readonly vocabularySize: number
  readonly positionCount: number
  /** Share of the subcomponents that fire. */
  readonly activeShare: number
  readonly examples: number
  /** Positions a window reaches each way. */
  readonly radius: number
}

export const modulePath = (index: number): string => `model.layers.${index}.mlp.up_proj`

/** Writes a harvest of the layout to February 2026 into `folder`. */
export async function fabricateSpdHarvest(folder: string, size: HarvestSize): Promise<void> {
  const { moduleCount, C, vocabularySize, positionCount } = size
  const n = moduleCount * C
  const occurrences = drawOccurrences(size)
  const firings = drawFirings(size, occurrences)
  const component_keys = Array.from({ length: n }, (_, row) => `${modulePath(Math.floor(row / C))}:${row % C}`)
  await mkdir(join(folder, 'correlations'), { recursive: true })
  await mkdir(join(folder, 'activation_contexts'), { recursive: true })
  const vector = (dtype: 'int64' | 'float32', numbers: Float64Array) => ({
    dtype,
    shape: [numbers.length],
    *rows() {
      for (const [row, number] of numbers.entries()) if (number > 0) yield [row, Float64Array.of(number)] as const
    },
  })
  const counts = Float64Array.from({ length: n }, (_, row) => firings.get(row) ?? 0)
  await writeTorchFile(join(folder, 'correlations/token_stats.pt'), {
    component_keys,
    vocab_size: vocabularySize,
    n_tokens: positionCount,
    input_counts: {
      dtype: 'int64',
      shape: [n, vocabularySize],
      *rows() {
        for (const row of firings.keys()) yield [row, drawTokenCounts(row, occurrences, size)] as const
      },
    },
    input_totals: vector('float32', occurrences),
    output_counts: {
      dtype: 'float32',
      shape: [n, vocabularySize],
      *rows() {
        for (const [row, F] of firings) {
          const random = seededRandom(row)
          yield [row, occurrences.map((T) => (F * T * (0.5 + random())) / positionCount)] as const
        }
      },
    },
    output_totals: vector('float32', occurrences),
    firing_counts: vector('float32', counts),
  })
  await writeTorchFile(join(folder, 'correlations/component_correlations.pt'), {
    component_keys,
    count_i: vector('int64', counts),
    count_ij: {
      dtype: 'int64',
      shape: [n, n],
      *rows() {
        for (const row of firings.keys()) yield [row, drawPartners(row, firings, size)] as const
      },
    },
    count_total: positionCount,
  })
  await writeContexts(join(folder, 'activation_contexts'), firings, size)
}

/** Zipf's law, with what is left over on the first token. */
function drawOccurrences({ vocabularySize, positionCount }: HarvestSize): Float64Array {
  const weights = Float64Array.from({ length: vocabularySize }, (_, id) => 1 / (id + 3))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const counts = weights.map((weight) => Math.floor((weight / sum) * positionCount))
  counts[0] = (counts[0] ?? 0) + positionCount - counts.reduce((total, count) => total + count, 0)
  return counts
}

/** F of the rows that fire. */
function drawFirings(size: HarvestSize, occurrences: Float64Array): ReadonlyMap<number, number> {
  const firings = new Map<number, number>()
  const random = seededRandom(1)
  for (let row = 0; row < size.moduleCount * size.C; row++) {
    if (random() >= size.activeShare) continue
    firings.set(
      row,
      drawTokenCounts(row, occurrences, size).reduce((sum, count) => sum + count, 0),
    )
  }
  return firings
}

/** Between 1 and all tokens, each with some of its occurrences; always the first token. */
function drawTokenCounts(row: number, occurrences: Float64Array, { vocabularySize }: HarvestSize): Float64Array {
  const random = seededRandom(row + 2 ** 20)
  const share = random() ** 4
  const counts = new Float64Array(vocabularySize)
  for (let id = 0; id < vocabularySize; id++) {
    const draw = random()
    if (draw < share || id === 0)
      counts[id] = Math.max(id === 0 ? 1 : 0, Math.floor((occurrences[id] ?? 0) * random() * 0.2))
  }
  return counts
}

function drawPartners(row: number, firings: ReadonlyMap<number, number>, size: HarvestSize): Float64Array {
  const random = seededRandom(row + 2 ** 21)
  const numbers = new Float64Array(size.moduleCount * size.C)
  const F = firings.get(row) ?? 0
  for (const [partner, Fd] of firings) {
    const expected = Math.floor(((F * Fd) / size.positionCount) * 2 * random())
    numbers[partner] = partner === row ? F : Math.min(F, Fd, expected)
  }
  return numbers
}

async function writeContexts(folder: string, firings: ReadonlyMap<number, number>, size: HarvestSize): Promise<void> {
  const { C, radius, examples, vocabularySize } = size
  const config = { ci_threshold: 0, activation_context_tokens_per_side: radius, n_batches: 'fabricated' }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  const file = createWriteStream(join(folder, 'components.jsonl'))
  for (const row of firings.keys()) {
    const random = seededRandom(row + 2 ** 22)
    const draw = (length: number, value: (i: number) => number) => Array.from({ length }, (_, i) => value(i))
    const length = 2 * radius + 1
    const activation_examples = draw(examples, () => 0).map(() => ({
      token_ids: draw(length, (i) => (i === radius ? 0 : Math.floor(random() * vocabularySize))),
      ci_values: draw(length, (i) => (i === radius ? 0.5 : random() < 0.9 ? 0 : random())),
      component_acts: draw(length, () => Math.fround(random() * 8 - 4)),
    }))
    const layer = modulePath(Math.floor(row / C))
    const line = {
      component_key: `${layer}:${row % C}`,
      layer,
      component_idx: row % C,
      mean_ci: 0.01,
      activation_examples,
    }
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
}
