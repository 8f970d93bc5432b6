import { describe, expect, it } from 'vitest'
import { axisStart, placeChange, placeProbability, worthRows } from '../../../../src/pages/live/nextTokenScale.ts'

describe('axisStart', () => {
  it('is 0.001, or 0.0001 where a probability is below it', () => {
    expect([axisStart([0.5, 0.001]), axisStart([0.5, 0.0004]), axisStart([1e-9])]).toEqual([0.001, 0.0001, 0.0001])
  })
})

describe('placeProbability', () => {
  it('is logarithmic from the start of the axis to 1, and ends at both', () => {
    // From 0.001: each factor of ten is a third.
    expect(placeProbability(1, 0.001)).toBe(100)
    expect(placeProbability(0.1, 0.001)).toBeCloseTo(66.667, 3)
    expect(placeProbability(0.001, 0.001)).toBeCloseTo(0, 9)
    expect(placeProbability(1e-9, 0.001)).toBe(0)
    expect(placeProbability(0, 0.001)).toBe(0)
  })
})

describe('placeChange', () => {
  it('runs from the middle, left for less', () => {
    expect(placeChange(-0.5, 2)).toEqual({ left: 37.5, width: 12.5 })
    expect(placeChange(2, 2)).toEqual({ left: 50, width: 50 })
    expect(placeChange(0, 0)).toEqual({ left: 50, width: 0 })
  })
})

describe('worthRows', () => {
  it('keeps what is 0.001 or more, in its order, and three rows anyway', () => {
    const keep = (...probabilities: number[]) => worthRows(probabilities, (p) => p)
    expect(keep(0.5, 0.0001, 0.3, 0.001, 0.0009)).toEqual([0.5, 0.3, 0.001])
    expect(keep(0.9999, 0.00002, 0.00001, 0.00003)).toEqual([0.9999, 0.00002, 0.00003])
  })
})
