import { describe, expect, test } from 'vitest'
import { ablate, buildMasks, keepOnly, leaveAlone } from '../../../core/inference/buildMasks.ts'

const MODULES = [
  { path: 'q', c: 3 },
  { path: 'k', c: 2 },
]
const node = (modulePath: string, subcomponent: number, position: number | null = null) => {
  return { modulePath, subcomponent, position }
}

describe('buildMasks', () => {
  test('gives modules whose mask is the same at all positions a row', () => {
    const masks = buildMasks(MODULES, 4, leaveAlone)
    expect(masks['mask/q']).toEqual({ type: 'float32', data: Float32Array.of(1, 1, 1), dims: [1, 1, 3] })
    expect(masks['mask/k']).toEqual({ type: 'float32', data: Float32Array.of(1, 1), dims: [1, 1, 2] })
  })

  test('ablates a subcomponent everywhere, or at one position', () => {
    const masks = buildMasks(MODULES, 2, ablate([node('q', 1), node('k', 0, 1)]))
    expect(masks['mask/q']).toEqual({ type: 'float32', data: Float32Array.of(1, 0, 1), dims: [1, 1, 3] })
    expect(masks['mask/k']).toEqual({ type: 'float32', data: Float32Array.of(1, 1, 0, 1), dims: [1, 2, 2] })
  })

  test('keeps a set and nothing else', () => {
    const masks = buildMasks(MODULES, 2, keepOnly([node('q', 2), node('q', 0, 1)]))
    expect(masks['mask/q']?.data).toEqual(Float32Array.of(0, 0, 1, 1, 0, 1))
    expect(masks['mask/k']?.data).toEqual(Float32Array.of(0, 0))
  })

  test('scales a set', () => {
    const masks = buildMasks(MODULES, 2, { base: 1, nodes: [node('k', 1)], value: 2.5 })
    expect(masks['mask/k']?.data).toEqual(Float32Array.of(1, 2.5))
  })

  test('takes masks as given, sets nodes in a copy, and masks modules without one by 1', () => {
    const given = Float32Array.of(0.5, 0.25, 0, 1, 0.75, 0.125)
    const masks = buildMasks(MODULES, 2, { ...ablate([node('q', 0, 0)]), base: new Map([['q', given]]) })
    expect(masks['mask/q']).toEqual({
      type: 'float32',
      data: Float32Array.of(0, 0.25, 0, 1, 0.75, 0.125),
      dims: [1, 2, 3],
    })
    expect(given[0]).toBe(0.5)
    expect(masks['mask/k']?.data).toEqual(Float32Array.of(1, 1))
  })

  test('holds that a given mask has a number for each position and subcomponent', () => {
    const base = new Map([['q', new Float32Array(5)]])
    expect(() => buildMasks(MODULES, 2, { ...leaveAlone, base })).toThrow('mask of q has 5 numbers')
  })
})
