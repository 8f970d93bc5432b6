import { expect, test } from 'vitest'
import { createFiringSample, offerFiring, sampledFirings } from '../../../core/statistics/FiringSample.ts'

function firing(hash: number, story: number, position: number) {
  return {
    key: hash,
    story,
    position,
    causalImportance: 1,
    innerActivation: -2,
    window: Uint8Array.of(0, 255, position),
  }
}

const firings = [firing(5, 0, 0), firing(3, 2, 0), firing(9, 0, 1), firing(3, 1, 7), firing(3, 1, 4)]

/** Places of the sample of subcomponent 1 after the firings in this order. */
function placesAfter(offered: typeof firings): (readonly [number, number, number])[] {
  const sample = createFiringSample(2, 3, 1)
  for (const one of offered) offerFiring(sample, 1, one)
  return sampledFirings(sample, 1).map(({ key, story, position }) => [key, story, position])
}

test('keeps the smallest by key, then story, then position, whatever their order', () => {
  const smallest = [
    [3, 1, 4],
    [3, 1, 7],
    [3, 2, 0],
  ]
  expect(placesAfter(firings)).toEqual(smallest)
  expect(placesAfter(firings.toReversed())).toEqual(smallest)
})

test('a firing keeps its own numbers and window when others move it', () => {
  const sample = createFiringSample(1, 3, 1)
  for (const one of firings) offerFiring(sample, 0, one)
  expect(sampledFirings(sample, 0)).toEqual([firing(3, 1, 4), firing(3, 1, 7), firing(3, 2, 0)])
})

test('each subcomponent has its own sample', () => {
  const sample = createFiringSample(2, 3, 1)
  offerFiring(sample, 1, firing(5, 0, 0))
  expect(sampledFirings(sample, 0)).toEqual([])
  expect(sampledFirings(sample, 1)).toHaveLength(1)
})

test('once full, the bound is the greatest key kept', () => {
  const sample = createFiringSample(1, 2, 1)
  expect(sample.bounds[0]).toBe(0xffffffff)
  offerFiring(sample, 0, firing(5, 0, 0))
  expect(sample.bounds[0]).toBe(0xffffffff)
  offerFiring(sample, 0, firing(9, 0, 0))
  expect(sample.bounds[0]).toBe(9)
  offerFiring(sample, 0, firing(3, 0, 0))
  expect(sample.bounds[0]).toBe(5)
})
