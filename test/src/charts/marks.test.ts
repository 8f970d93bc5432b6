import { expect, test } from 'vitest'
import { layerColor } from '../../../src/charts/moduleFrame.ts'
import { wrapWords } from '../../../src/charts/svgElements.ts'
import { classStep } from '../../../src/ui/ClassGlyph.tsx'
import { kindMark } from '../../../src/ui/KindBadge.tsx'
import { ciStep } from '../../../src/ui/Token.tsx'

test.each([
  [0, 0],
  [0.01, 0],
  [0.0101, 1],
  [0.25, 1],
  [0.2501, 2],
  [0.5, 2],
  [0.8, 3],
  [0.8001, 4],
  [1, 4],
])('causal importance %d is shaded by step %d, active being strictly above the threshold', (ci, step) => {
  expect(ciStep(ci, 0.01)).toBe(step)
})

test('classes rise from dead to polysemantic', () => {
  expect((['dead', 'truly_monosemantic', 'moderate', 'polysemantic'] as const).map(classStep)).toEqual([0, 1, 4, 5])
})

test.each([
  ['q_proj', 'model.layers.0.self_attn.q_proj', 'q', false],
  ['down_proj', 'model.layers.0.mlp.down_proj', 'd', true],
  ['c_proj', 'h.0.attn.c_proj', 'p', false],
  ['c_proj', 'h.0.mlp.c_proj', 'p', true],
  ['wte', 'wte', 'w', false],
])('%s of %s is marked %s, square: %s', (kind, path, letter, isMlp) => {
  expect(kindMark(kind, path)).toMatchObject({ letter, isMlp })
})

test('layers beyond the four of the ramp are mixed of their neighbours', () => {
  expect([0, 1, 2, 3].map((layer) => layerColor(layer, 3))).toEqual([0, 1, 2, 3].map((i) => `var(--layer-${i})`))
  // Layer 1 of 0 to 6 stands half way between steps 0 and 1.
  expect(layerColor(1, 6)).toBe('color-mix(in oklab, var(--layer-1) 50%, var(--layer-0))')
  expect(layerColor(0, 0)).toBe('var(--layer-0)')
})

test('words are wrapped where the next would not fit, a longer word stands alone', () => {
  const widthOfLetters = (text: string) => text.length
  expect(wrapWords('a bb ccc dddddddd e', 6, 1, widthOfLetters)).toEqual(['a bb', 'ccc', 'dddddddd', 'e'])
  expect(wrapWords('', 6, 1, widthOfLetters)).toEqual([])
})
