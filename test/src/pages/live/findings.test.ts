import { describe, expect, it } from 'vitest'
import {
  ablationFinding,
  busiestFinding,
  describeBackend,
  formatEffect,
  nameAblated,
  plainFinding,
  predictionFinding,
} from '../../../../src/pages/live/findings.ts'

const modules = ['self_attn.q_proj', 'self_attn.k_proj', 'mlp.up_proj'].map((name, i) => ({
  path: `model.layers.${i === 2 ? 1 : 0}.${name}`,
  layer: i === 2 ? 1 : 0,
  kind: name,
}))

describe('busiestFinding', () => {
  it('adds up the modules of a block and takes the mean over tokens', () => {
    // Layer 0 attention: (1 + 2 + 0 + 4) / 2 = 3.5 a token; layer 1 MLP: (40 + 51) / 2 = 45.5.
    expect(busiestFinding(modules, Uint16Array.of(1, 2, 0, 4, 40, 51), 2)).toBe(
      'Layer 1 MLP has 46 active subcomponents a token, layer 0 attention 3.50',
    )
  })

  it('says so where nothing is active', () => {
    expect(busiestFinding(modules, new Uint16Array(3), 1)).toBe('No subcomponent is active in this story')
  })
})

const at = {
  position: 3,
  token: 'leo',
  active: {
    module: new Uint16Array(),
    subcomponent: new Uint32Array(),
    causalImportance: new Float32Array(),
    scaledInnerActivation: new Float32Array(),
  },
  predictions: [{ tokenId: 5, token: ',', probability: 0.4123 }],
  nextTokenLoss: null,
}

const effect = (before: number, after: number) => ({
  position: 1,
  token: 'leo',
  kl: Float32Array.of(0, 0.0625),
  roundingKl: new Float32Array(2),
  predictions: [
    { tokenId: 5, token: ',', before: 0.2, after: 0.2, logChange: 0 },
    { tokenId: 9, token: null, before, after, logChange: Math.log(after / before) },
  ],
  nextTokenLoss: null,
  sessionMs: 1,
  backend: { name: 'wasm', threads: 1, fallbackReason: null } as const,
})

describe('findings about next tokens', () => {
  it('names the likeliest', () => {
    expect(plainFinding(predictionFinding(at))).toBe('After “leo” comes “,”, probability 0.412')
  })

  it('names the token whose probability changes most, by number where it has no text', () => {
    expect(plainFinding(ablationFinding('l0.q:3', effect(0.4, 0.1)))).toBe(
      'Without l0.q:3, “#9” after “leo” falls from 0.400 to 0.100',
    )
    expect(plainFinding(ablationFinding('l0.q:3', effect(0.1, 0.4)))).toMatch(/rises from 0.100 to 0.400$/)
  })

  it('says so where hardly anything changes', () => {
    expect(plainFinding(ablationFinding('l0.q:3', effect(0.3, 0.3004)))).toBe(
      'Without l0.q:3 hardly anything changes after “leo”: KL 0.063 nats',
    )
  })

  it('counts what is ablated from three on', () => {
    expect([['a:1'], ['a:1', 'b:2'], ['a:1', 'b:2', 'c:3']].map(nameAblated)).toEqual([
      'a:1',
      'a:1 and b:2',
      '3 subcomponents',
    ])
  })

  it('keeps the size of a small effect', () => {
    expect([0, 2.9e-7, 0.0625].map(formatEffect)).toEqual(['0', '2.9e−7', '0.063'])
  })
})

describe('describeBackend', () => {
  it('says which backend runs, with how many threads, and why not the first', () => {
    expect(describeBackend({ name: 'webgpu', threads: 1, fallbackReason: null })).toBe('WebGPU')
    expect(describeBackend({ name: 'wasm', threads: 1, fallbackReason: null })).toBe('WASM, 1 thread')
    expect(describeBackend({ name: 'wasm', threads: 2, fallbackReason: 'WebGPU: no adapter' })).toBe(
      'WASM, 2 threads (WebGPU: no adapter)',
    )
  })
})
