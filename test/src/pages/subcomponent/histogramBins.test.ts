import { expect, test } from 'vitest'
import { ACTIVATION_BINS, activationBin } from '../../../../core/statistics/activationBin.ts'
import { activationDrawing, ciDrawing } from '../../../../src/pages/subcomponent/histogramBins.ts'

function histograms({
  ci = [],
  activation = [],
  sampled = [],
}: Record<string, readonly (readonly [number, number])[]>) {
  const fill = (length: number, entries: readonly (readonly [number, number])[]) => {
    const bins = new Uint32Array(length)
    for (const [bin, count] of entries) bins[bin] = count
    return bins
  }
  return {
    ci: fill(20, ci),
    activation: fill(ACTIVATION_BINS, activation),
    sampledActivation: fill(ACTIVATION_BINS, sampled),
  }
}

test('CI is drawn as shares of the firings in bins of 0.05', () => {
  const { finding, bins, counts } = ciDrawing(
    histograms({
      ci: [
        [0, 1],
        [19, 3],
      ],
    }),
  )
  expect(finding).toBe('CI is 0.95 or more at 75.0\u00a0% of its firings')
  expect(bins).toHaveLength(20)
  expect(bins.map(({ share }) => share).filter((share) => share > 0)).toEqual([0.25, 0.75])
  expect(bins.at(-1)).toMatchObject({ left: 0.95, right: 1, description: 'CI 0.95 to 1.00 and more: 75.0\u00a0%' })
  expect(counts[19]).toEqual({ from: 0.95, to: 1, firings: 3, sampled: null })
})

test('CI that never or always is near 1 is called so', () => {
  expect(ciDrawing(histograms({ ci: [[3, 5]] })).finding).toBe('CI stays below 0.95 at all of its firings')
  expect(ciDrawing(histograms({ ci: [[19, 5]] })).finding).toBe('CI is 0.95 or more at all of its firings')
})

test('inner activation is drawn over the bins in use, firings beside sampled positions', () => {
  const [low, high] = [activationBin(-1), activationBin(1.2)]
  const { finding, bins, axis } = activationDrawing(
    histograms({
      activation: [
        [low, 1],
        [high, 3],
      ],
      sampled: [[high, 10]],
    }),
  )
  expect(finding).toBe('Its inner activation is positive at 75.0\u00a0% of its firings')
  expect([bins[0]?.left, bins.at(-1)?.right]).toEqual([low, high + 1])
  expect(bins.at(-1)).toMatchObject({ share: 0.75, reference: 1 })
  expect(bins.at(-1)?.description).toBe('1 to 1.50: 75.0\u00a0% of the firings, 100\u00a0% of the sampled positions')
  // h = 1 is the lower edge of its own bin, −1 the edge nearer to 0 of its.
  expect(axis.ticks.map(({ at, label }) => [at, label])).toEqual([
    [low + 1, '−1'],
    [activationBin(-1 / 16) + 1, '−0.063'],
    [32, '0'],
    [activationBin(1 / 16), '0.063'],
    [activationBin(1), '1'],
  ])
})

test('without sampled positions there is no line, and one sign alone is called so', () => {
  const { finding, bins } = activationDrawing(histograms({ activation: [[activationBin(-2), 4]] }))
  expect(finding).toBe('It fires at negative inner activations alone')
  expect(bins.map(({ reference }) => reference)).toEqual([null])
})
