import { type OpenedHarvest, readSampledPositions } from '../../core/bundle/readHarvest.ts'
import { chooseSampledRows } from '../../core/statistics/chooseSampledRows.ts'
import { positionHash } from '../../core/statistics/firingHash.ts'
import type { SampledPositions } from '../../core/statistics/SampledPositions.ts'
import { SAMPLE_SEED } from '../../core/statistics/samplePositions.ts'

/** Sum of squared L0 up to which sampled positions are counted: some twenty seconds of pairs, 34,000 positions at an L0 of 500. */
const PAIR_BUDGET = 2 ** 33

/** As many of a harvest's sampled positions as pairs can be counted on, drawn by hash from the `drawn` it has; null where it has none. */
export async function readSample(
  harvest: OpenedHarvest,
  pairBudget = PAIR_BUDGET,
): Promise<{ readonly drawn: number; readonly positions: SampledPositions } | null> {
  const { sampled_positions: drawn, settings } = harvest.manifest
  if (drawn === 0) return null
  const hashes: number[] = []
  const l0s: number[] = []
  for await (const block of readSampledPositions(harvest)) {
    for (let row = 0; row < block.rowCount; row++) {
      hashes.push(positionHash((settings.seed ^ SAMPLE_SEED) >>> 0, block.stories[row] ?? 0, block.positions[row] ?? 0))
      l0s.push(block.modules.reduce((sum, { starts }) => sum + lengthOf(starts, row), 0))
    }
  }
  const chosen = chooseSampledRows(hashes, l0s, pairBudget)
  return { drawn, positions: await gatherRows(harvest, chosen) }
}

/** The rows `chosen` (ascending) of all blocks as one. */
async function gatherRows(harvest: OpenedHarvest, chosen: Uint32Array): Promise<SampledPositions> {
  const isChosen = new Uint8Array(harvest.manifest.sampled_positions)
  for (const row of chosen) isChosen[row] = 1
  const stories: number[] = []
  const positions: number[] = []
  const tokenIds: number[] = []
  const outputs = { tokenIds: createRows(), probabilities: createRows() }
  const modules = harvest.manifest.modules.map(createRows)
  let first = 0
  for await (const block of readSampledPositions(harvest)) {
    for (let row = 0; row < block.rowCount; row++) {
      if (isChosen[first + row] !== 1) continue
      stories.push(block.stories[row] ?? 0)
      positions.push(block.positions[row] ?? 0)
      tokenIds.push(block.tokenIds[row] ?? 0)
      outputs.tokenIds.add(block.outputs.starts, row, block.outputs.tokenIds)
      outputs.probabilities.add(block.outputs.starts, row, block.outputs.probabilities)
      for (const [i, { starts, subcomponents }] of block.modules.entries()) modules[i]?.add(starts, row, subcomponents)
    }
    first += block.rowCount
  }
  const { starts, values } = outputs.tokenIds.take()
  return {
    rowCount: chosen.length,
    stories: Uint32Array.from(stories),
    positions: Uint32Array.from(positions),
    tokenIds: Uint32Array.from(tokenIds),
    outputs: { starts, tokenIds: values, probabilities: outputs.probabilities.take().values },
    modules: modules.map((rows) => {
      const taken = rows.take()
      return { starts: taken.starts, subcomponents: taken.values }
    }),
  }
}

/** Rows of numbers one after the other, in an array that grows. */
function createRows() {
  let values = new Uint32Array(1024)
  let length = 0
  const starts = [0]
  return {
    add(from: Uint32Array, row: number, numbers: Uint32Array): void {
      const end = length + lengthOf(from, row)
      if (end > values.length) {
        const larger = new Uint32Array(2 * end)
        larger.set(values.subarray(0, length))
        values = larger
      }
      values.set(numbers.subarray(from[row], from[row + 1]), length)
      length = end
      starts.push(end)
    },
    take: () => ({ starts: Uint32Array.from(starts), values: values.slice(0, length) }),
  }
}

function lengthOf(starts: Uint32Array, row: number): number {
  return (starts[row + 1] ?? 0) - (starts[row] ?? 0)
}
