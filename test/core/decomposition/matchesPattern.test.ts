import { expect, test } from 'vitest'
import { matchesPattern } from '../../../core/decomposition/matchesPattern.ts'

// Expected as Python's fnmatch.fnmatchcase has it.
test.each([
  ['model.layers.0.self_attn.q_proj', '*q_proj', true],
  ['model.layers.0.self_attn.q_proj', 'model.layers.*.self_attn.*_proj', true],
  ['model.layers.0.self_attn.q_proj', 'model.layers.*.q_proj', true],
  ['model.layers.0.self_attn.q_proj', 'q_proj', false],
  ['model.layers.0.self_attn.q_proj', 'model.layers.0', false],
  ['model.layers.0.self_attn.q_proj', '*', true],
  ['model.layers.0.self_attn.q_proj', '', false],
  ['', '*', true],
  ['', '', true],
  ['h.0.attn', 'h?0?attn', true],
  ['h.10.attn', 'h.?.attn', false],
  ['h.0.attn.q_proj', 'h.[0-2].attn.[qk]_proj', true],
  ['h.3.attn.q_proj', 'h.[0-2].attn.[qk]_proj', false],
  ['h.3.attn.v_proj', 'h.[!0-2].attn.[!qk]_proj', true],
  ['h.0.attn.v_proj', 'h.[!0-2].attn.[!qk]_proj', false],
  ['a]b', 'a[]]b', true],
  ['a-b', 'a[x-]b', true],
  ['a[b', 'a[b', true],
  ['h.0.MLP', 'h.0.mlp', false],
  ['h.0.attn', 'h.0.attn*', true],
])('%s fits %s: %s', (name, pattern, expected) => {
  expect(matchesPattern(name, pattern)).toBe(expected)
})

test('takes a pattern of many stars in its stride', () => {
  expect(matchesPattern('a'.repeat(200), `${'*a'.repeat(100)}*b`)).toBe(false)
})
