import { expect, test } from 'vitest'
import type { WeightTensor } from '../../../core/bytes/WeightTensor.ts'
import { currentKeys } from '../../../core/decomposition/currentKeys.ts'

const tensor = (key: string): WeightTensor => ({
  key,
  shape: [1],
  dtype: 'float32',
  read: async () => Float32Array.of(0),
})
const rename = (...keys: readonly string[]) =>
  currentKeys(new Map(keys.map((key) => [key, tensor(key)])), 'model_1.pth')

test.each([
  ['target_model.h.0.attn.q_proj.weight', 'target_model.h.0.attn.q_proj.weight'],
  ['_components.h-0-attn-q_proj.V', '_components.h-0-attn-q_proj.V'],
  ['_ci_fns.h-0-attn-q_proj.layers.0.W', '_ci_fns.h-0-attn-q_proj.layers.0.W'],
  ['ci_fn._ci_fns.h-0-attn-q_proj.layers.0.W', '_ci_fns.h-0-attn-q_proj.layers.0.W'],
  ['_gates.h-0-attn-q_proj.layers.0.b', '_ci_fns.h-0-attn-q_proj.layers.0.b'],
  ['patched_model.wte.weight', 'target_model.wte.weight'],
  ['patched_model.h.0.attn.q_proj.original.weight', 'target_model.h.0.attn.q_proj.weight'],
  ['target_model.h.0.attn.q_proj.original.bias', 'target_model.h.0.attn.q_proj.bias'],
  ['patched_model.h.0.attn.q_proj.components.U', '_components.h-0-attn-q_proj.U'],
  ['target_model.h.0.attn.q_proj.components.V', '_components.h-0-attn-q_proj.V'],
  ['patched_model.h.0.attn.q_proj.components.bias', '_components.h-0-attn-q_proj.bias'],
  ['something.else', 'something.else'],
])('%s is %s', (key, current) => {
  const renamed = rename(key)
  expect([...renamed.keys()]).toEqual([current])
  expect(renamed.get(current)?.key).toBe(key)
})

test.each([
  [
    '_gates.h-0-attn-q_proj.mlp_in',
    'key "_gates.h-0-attn-q_proj.mlp_in" is of a gate of July 2025 or before, expected layers.<n>.W and .b',
  ],
  [
    'gates.h-0-attn-q_proj.in_bias',
    'key "gates.h-0-attn-q_proj.in_bias" is of a gate of July 2025 or before, expected layers.<n>.W and .b',
  ],
  [
    'ci_fn._global_ci_fn.layers.0.W',
    'key "ci_fn._global_ci_fn.layers.0.W" is of one CI function over all modules, expected a CI function a module',
  ],
  [
    '_gates.identity_h-0-attn-q_proj.layers.0.W',
    'key "_gates.identity_h-0-attn-q_proj.layers.0.W" is of an identity of October 2025 or before, expected <path>.pre_identity',
  ],
])('refuses %s', (key, message) => {
  expect(() => rename(key)).toThrow(
    expect.objectContaining({ code: 'checkpoint/unknown-key', message: `model_1.pth: ${message}` }),
  )
})

test('refuses two keys of one meaning', () => {
  expect(() => rename('patched_model.wte.weight', 'target_model.wte.weight')).toThrow(
    'model_1.pth: keys "patched_model.wte.weight" and "target_model.wte.weight" both mean "target_model.wte.weight"',
  )
})
