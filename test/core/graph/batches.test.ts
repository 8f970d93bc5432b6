import { describe, expect, test } from 'vitest'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import { LOGITS } from '../../../core/graph/ports.ts'
import { oracleFiles } from '../decomposition/runFiles.ts'
import { batchOf, graphRunner, largestDifference, numbersOf } from './runGraph.ts'

/** Rounding of float32 sums whose order depends on how many rows and columns there are: the outputs are of size 1 to 20. */
const ROUNDING = 1e-5

const ORACLES = [
  'llama-mlp',
  'llama-vector-mlp',
  'llama-one-c',
  'llama-simple-shared-mlp',
  'llama-simple-pairs-bias',
  'llama-simple-mlp-shared-mlp',
  'gpt2-simple-mlp',
  'gpt2-mlp',
]

describe('observe of a batch of stories padded on the right', () => {
  test.each(ORACLES)('gives the rows of each story alone, whatever the padding: %s', async (name) => {
    const decomposition = await readDecomposition(oracleFiles(name))
    const run = await graphRunner(decomposition)
    const { vocabularySize } = decomposition.target
    const story = (seed: number, length: number) =>
      Array.from({ length }, (_, i) => (seed + (i * 37 + i * i * 11)) % vocabularySize)
    const stories = [story(5, 7), story(2, 16), story(9, 1), story(1, 11)]
    const padded = (padding: (i: number) => number) =>
      batchOf(...stories.map((ids) => [...ids, ...Array.from({ length: 16 - ids.length }, (_, i) => padding(i))]))
    const zeros = await run('observe', { ids: padded(() => 0) })
    const noise = await run('observe', { ids: padded((i) => (i * 71 + 13) % vocabularySize) })
    expect(Object.keys(zeros)).toHaveLength(1 + 2 * decomposition.modules.length)
    for (const [b, ids] of stories.entries()) {
      const alone = await run('observe', { ids: batchOf(ids) })
      for (const port of Object.keys(alone)) {
        const expected = numbersOf(alone, port)
        const width = expected.length / ids.length
        const rowsOf = (outputs: typeof zeros) =>
          numbersOf(outputs, port).slice(b * 16 * width, (b * 16 + ids.length) * width)
        // What follows a story does not reach it at all: the same bits.
        expect(rowsOf(noise)).toEqual(rowsOf(zeros))
        expect(largestDifference(rowsOf(zeros), expected)).toBeLessThan(ROUNDING)
      }
    }
  })

  test('tells stories apart', async () => {
    const run = await graphRunner(await readDecomposition(oracleFiles('llama-mlp')))
    const both = numbersOf(await run('observe', { ids: batchOf([5, 17, 3], [5, 17, 4]) }), LOGITS)
    const third = both.length / 6
    expect(largestDifference(both.slice(third, 2 * third), both.slice(4 * third, 5 * third))).toBeLessThan(ROUNDING)
    expect(largestDifference(both.slice(2 * third, 3 * third), both.slice(5 * third))).toBeGreaterThan(0.1)
  })
})
