import { describe, expect, test } from 'vitest'
import { fullAddress, readAddress, shortModuleNames } from '../../../core/decomposition/addresses.ts'

const module = (path: string, layer: number | null, c = 4) => ({ path, layer, kind: path.split('.').at(-1) ?? '', c })

const llama = [
  module('model.layers.0.self_attn.q_proj', 0),
  module('model.layers.0.mlp.gate_proj', 0, 512),
  module('model.layers.11.mlp.down_proj', 11),
]

describe('short names of modules', () => {
  test('are the layer and a letter where the kind has one', () => {
    expect([...shortModuleNames(llama).values()]).toEqual(['l0.q', 'l0.g', 'l11.d'])
  })

  test('take in the parent where the kind alone would name two', () => {
    const gpt2 = [module('h.0.attn.c_proj', 0), module('h.0.mlp.c_proj', 0), module('h.0.mlp.c_fc', 0)]
    expect(Object.fromEntries(shortModuleNames(gpt2))).toEqual({
      'h.0.mlp.c_fc': 'l0.c_fc',
      'h.0.attn.c_proj': 'l0.attn.c_proj',
      'h.0.mlp.c_proj': 'l0.mlp.c_proj',
    })
  })

  test('are the path where the parent is the same too', () => {
    const twins = [module('a.x.c_proj', null), module('b.x.c_proj', null), module('wte', null)]
    expect([...shortModuleNames(twins).values()].sort()).toEqual(['a.x.c_proj', 'b.x.c_proj', 'wte'])
  })
})

describe('reading an address', () => {
  test.each([
    ['l0.g:26', 'model.layers.0.mlp.gate_proj', 26],
    [' L0.G:511 ', 'model.layers.0.mlp.gate_proj', 511],
    ['model.layers.0.self_attn.q_proj:3', 'model.layers.0.self_attn.q_proj', 3],
    ['model.layers.0.self_attn.q_proj', 'model.layers.0.self_attn.q_proj', null],
    ['l11.d', 'model.layers.11.mlp.down_proj', null],
  ])('%s names %s, subcomponent %s', (text, path, subcomponent) => {
    const address = readAddress(text, llama)
    expect([address.module.path, address.subcomponent]).toEqual([path, subcomponent])
  })

  test.each([
    ['l9.q:1', 'l9.q:1: no module "l9.q", expected a path or a short name'],
    ['', 'empty address: no module "", expected a path or a short name'],
    ['l0.g:512', 'l0.g:512: no subcomponent "512" in model.layers.0.mlp.gate_proj, expected 0 to 511'],
    ['l0.g:-1', 'l0.g:-1: no subcomponent "-1" in model.layers.0.mlp.gate_proj, expected 0 to 511'],
    ['l0.g:', 'l0.g:: no subcomponent "" in model.layers.0.mlp.gate_proj, expected 0 to 511'],
  ])('refuses "%s"', (text, message) => {
    expect(() => readAddress(text, llama)).toThrow(message)
  })

  test('is the inverse of writing one in full', () => {
    const text = fullAddress('model.layers.0.mlp.gate_proj', 7)
    expect(text).toBe('model.layers.0.mlp.gate_proj:7')
    expect(readAddress(text, llama).subcomponent).toBe(7)
  })
})
