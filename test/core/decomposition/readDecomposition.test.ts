import { describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import type { WeightTensor } from '../../../core/bytes/WeightTensor.ts'
import type { DecomposedModule, Decomposition } from '../../../core/decomposition/Decomposition.ts'
import { readDecomposition } from '../../../core/decomposition/readDecomposition.ts'
import type { Linear, TargetModel } from '../../../core/decomposition/TargetModel.ts'
import { bentFiles, oracleFiles, ramp } from './runFiles.ts'

const summary = ({ path, dIn, C, dOut }: DecomposedModule): string => `${path} ${dIn} ${C} ${dOut}`

/** d_in, C, d_out of each module, as config.json and final_config.yaml of the oracle give them. */
const llamaBlock = (layer: number, C: number, keyC: number, mlpC: number, keys: number, mlp: number): string[] => {
  const path = `model.layers.${layer}`
  return [
    `${path}.self_attn.q_proj 32 ${C} 32`,
    `${path}.self_attn.k_proj 32 ${keyC} ${keys}`,
    `${path}.self_attn.v_proj 32 ${C} ${keys}`,
    `${path}.self_attn.o_proj 32 ${C} 32`,
    `${path}.mlp.gate_proj 32 ${mlpC} ${mlp}`,
    `${path}.mlp.up_proj 32 ${mlpC} ${mlp}`,
    `${path}.mlp.down_proj ${mlp} ${mlpC} 32`,
  ]
}
const simpleBlock = (layer: number, C: number, mlpC: number): string[] => [
  `h.${layer}.attn.q_proj 32 ${C} 32`,
  `h.${layer}.attn.k_proj 32 ${C} 16`,
  `h.${layer}.attn.v_proj 32 ${C} 16`,
  `h.${layer}.attn.o_proj 32 ${C} 32`,
  `h.${layer}.mlp.gate_proj 32 ${mlpC} 40`,
  `h.${layer}.mlp.up_proj 32 ${mlpC} 40`,
  `h.${layer}.mlp.down_proj 40 ${mlpC} 32`,
]

const cases: readonly (readonly [name: string, architecture: string, block: (layer: number) => string[]])[] = [
  ['llama-mlp', 'LlamaForCausalLM', (layer) => llamaBlock(layer, 23, 23, 30, 16, 44)],
  ['llama-one-c', 'LlamaForCausalLM', (layer) => llamaBlock(layer, 16, 16, 16, 16, 36)],
  ['llama-one-c-old-keys', 'LlamaForCausalLM', (layer) => llamaBlock(layer, 16, 16, 16, 16, 36)],
  [
    'llama-vector-mlp',
    'LlamaForCausalLM',
    (layer) => [
      `model.layers.${layer}.self_attn.q_proj 24 18 24`,
      `model.layers.${layer}.self_attn.k_proj 24 11 24`,
      `model.layers.${layer}.mlp.down_proj 40 25 24`,
    ],
  ],
  ['llama-simple-shared-mlp', 'LlamaSimple', (layer) => simpleBlock(layer, 14, 22)],
  [
    'llama-simple-pairs-bias',
    'LlamaSimple',
    (layer) => [
      `h.${layer}.attn.c_attn 32 13 96`,
      `h.${layer}.attn.o_proj 32 9 32`,
      `h.${layer}.mlp.gate_proj 32 12 40`,
      `h.${layer}.mlp.up_proj 32 12 40`,
      `h.${layer}.mlp.down_proj 40 12 32`,
    ],
  ],
  [
    'llama-simple-mlp-shared-mlp',
    'LlamaSimpleMLP',
    (layer) => [
      ...simpleBlock(layer, 17, 17).slice(0, 4),
      `h.${layer}.mlp.c_fc 32 17 56`,
      `h.${layer}.mlp.down_proj 56 17 32`,
    ],
  ],
  [
    'gpt2-simple-mlp',
    'GPT2Simple',
    (layer) => [
      ...['q', 'k', 'v', 'o'].map((part) => `h.${layer}.attn.${part}_proj 24 16 24`),
      `h.${layer}.mlp.c_fc 24 19 96`,
      `h.${layer}.mlp.down_proj 96 19 24`,
    ],
  ],
  [
    'gpt2-mlp',
    'GPT2LMHeadModel',
    (layer) => [
      `transformer.h.${layer}.attn.c_attn 24 15 72`,
      `transformer.h.${layer}.attn.c_proj 24 12 24`,
      `transformer.h.${layer}.mlp.c_fc 24 21 96`,
      `transformer.h.${layer}.mlp.c_proj 96 12 24`,
    ],
  ],
]

describe('readDecomposition of an oracle', () => {
  test.each(cases)('lists the modules of %s in the order of execution', async (name, architecture, block) => {
    const { modules, target } = await readDecomposition(oracleFiles(name))
    expect(modules.map(summary)).toEqual([...block(0), ...block(1)])
    expect(modules.map(({ layer }) => layer)).toEqual([...block(0).map(() => 0), ...block(1).map(() => 1)])
    expect(modules.every(({ role, path, kind }) => role.kind === 'linear' && path.endsWith(`.${kind}`))).toBe(true)
    expect(target.architecture).toBe(architecture)
    expect(target.vocabularySize).toBe(153)
    expect(target.contextLength).toBe(64)
  })

  test('reads every weight of every oracle, finite and of its shape', async () => {
    for (const [name] of cases) {
      for (const { key, shape, read } of allTensors(await readDecomposition(oracleFiles(name)))) {
        const numbers = await read()
        expect(numbers.length, key).toBe(shape.reduce((product, size) => product * size, 1))
        expect(numbers.every(Number.isFinite), key).toBe(true)
      }
    }
  })

  test('describes the run', async () => {
    expect((await readDecomposition(oracleFiles('gpt2-mlp'))).run).toEqual({
      step: 1070,
      ciKind: 'mlp',
      ciHidden: [6],
      sigmoidType: 'leaky_hard',
      sampling: 'continuous',
      useDeltaComponent: true,
      trainedLength: 64,
      targetName: 'oracle/gpt2-mlp',
    })
  })

  test.each([
    ['llama-vector-mlp', { headCount: 3, keyValueHeadCount: 3, headWidth: 8, rotary: { base: 5000, pairs: 'halves' } }],
    [
      'llama-simple-pairs-bias',
      { headCount: 4, keyValueHeadCount: 4, headWidth: 8, rotary: { base: 10000, pairs: 'adjacent' } },
    ],
    [
      'llama-simple-shared-mlp',
      { headCount: 4, keyValueHeadCount: 2, headWidth: 8, rotary: { base: 10000, pairs: 'halves' } },
    ],
    ['gpt2-simple-mlp', { headCount: 2, keyValueHeadCount: 2, headWidth: 12, rotary: null }],
  ])('gives the attention of %s', async (name, attention) => {
    expect((await readDecomposition(oracleFiles(name))).target.attention).toEqual(attention)
  })

  test.each([
    ['llama-vector-mlp', { kind: 'rms', epsilon: 1e-5 }, 'silu'],
    ['llama-mlp', { kind: 'rms', epsilon: 1e-6 }, 'silu'],
    ['llama-simple-mlp-shared-mlp', { kind: 'rms', epsilon: 1e-6 }, 'gelu_tanh'],
    ['gpt2-mlp', { kind: 'layer', epsilon: 1e-5 }, 'gelu_tanh'],
    ['gpt2-simple-mlp', { kind: 'layer', epsilon: 1e-5 }, 'gelu_tanh'],
  ])('gives normalisation and activation of %s', async (name, normalisation, activation) => {
    expect((await readDecomposition(oracleFiles(name))).target).toMatchObject({ normalisation, activation })
  })

  test('gives the layers of each kind of CI function', async () => {
    const shapes = async (name: string): Promise<unknown> => {
      const [first] = (await readDecomposition(oracleFiles(name))).modules
      return first?.ciFunction.layers.map(({ W, b }) => [W.shape, b.shape])
    }
    expect(await shapes('llama-mlp')).toEqual([
      [
        [23, 1, 6],
        [23, 6],
      ],
      [
        [23, 6, 1],
        [23, 1],
      ],
    ])
    expect(await shapes('llama-vector-mlp')).toEqual([
      [
        [18, 24, 5],
        [18, 5],
      ],
      [
        [18, 5, 4],
        [18, 4],
      ],
      [
        [18, 4, 1],
        [18, 1],
      ],
    ])
    expect(await shapes('llama-simple-mlp-shared-mlp')).toEqual([[[32, 17], [17]]])
  })

  test('tells which target weights are stored transposed, have biases or are tied', async () => {
    const { target: gpt2 } = await readDecomposition(oracleFiles('gpt2-mlp'))
    expect(linears(gpt2).map(({ storedTransposed }) => storedTransposed)).toEqual([...Array(8).fill(true), false])
    expect(linears(gpt2).map(({ bias }) => bias?.shape[0])).toEqual([72, 24, 96, 24, 72, 24, 96, 24, undefined])
    expect(gpt2.unembedding.weight).toBe(gpt2.tokenEmbedding.weight)
    expect(gpt2.positionEmbedding?.weight.shape).toEqual([64, 24])

    const { target: untied } = await readDecomposition(oracleFiles('llama-vector-mlp'))
    expect(linears(untied).every(({ storedTransposed, bias }) => !storedTransposed && bias === null)).toBe(true)
    expect(untied.unembedding.weight.key).toBe('target_model.lm_head.weight')
    expect(untied.positionEmbedding).toBeNull()
  })
})

describe('two files of the same run', () => {
  test.each([
    ['.pth and .safetensors', 'llama-vector-mlp', 'llama-vector-mlp', 'safetensors'],
    ['current and old keys', 'llama-one-c', 'llama-one-c-old-keys', 'pth'],
  ])('give the same numbers: %s', async (_, one, other, extension) => {
    const first = allTensors(await readDecomposition(oracleFiles(one)))
    const second = allTensors(await readDecomposition(oracleFiles(other, extension)))
    expect(second.length).toBe(first.length)
    for (const [i, tensor] of first.entries()) {
      expect(areEqual(await second[i]?.read(), await tensor.read()), tensor.key).toBe(true)
    }
  })

  test('differ in what their configs say', async () => {
    expect((await readDecomposition(oracleFiles('llama-one-c-old-keys'))).run).toMatchObject({
      step: 50000,
      ciKind: 'vector_mlp',
      ciHidden: [12],
      sampling: 'binomial',
      useDeltaComponent: false,
      targetName: 'oracle/llama-one-c',
    })
  })
})

describe('a run that', () => {
  test('lacks lm_head.weight, being tied, opens', async () => {
    const files = await bentFiles('llama-mlp', { tensors: (all) => all.delete('target_model.lm_head.weight') })
    const { target } = await readDecomposition(files)
    expect(target.unembedding.weight.key).toBe('target_model.model.embed_tokens.weight')
  })

  test('decomposes its embedding has it first', async () => {
    const files = await bentFiles('llama-mlp', {
      tensors: (all) => {
        all.set('_components.model-embed_tokens.V', ramp(153, 4)).set('_components.model-embed_tokens.U', ramp(4, 32))
        addMlpCiFunction(all, 'model-embed_tokens', 4)
      },
      config: (text) => text.replace('module_info:', "module_info:\n- module_pattern: '*embed_tokens'\n  C: 4"),
    })
    const [first, second] = (await readDecomposition(files)).modules
    expect(first).toMatchObject({
      role: { kind: 'embedding' },
      layer: null,
      kind: 'embed_tokens',
      dIn: 153,
      dOut: 32,
      C: 4,
    })
    expect(second?.path).toBe('model.layers.0.self_attn.q_proj')
  })

  test('decomposes its unembedding has it last', async () => {
    const files = await bentFiles('llama-mlp', {
      tensors: (all) => {
        all.set('_components.lm_head.V', ramp(32, 4)).set('_components.lm_head.U', ramp(4, 153))
        addMlpCiFunction(all, 'lm_head', 4)
      },
      config: (text) => text.replace('module_info:', 'module_info:\n- module_pattern: lm_head\n  C: 4'),
    })
    const last = (await readDecomposition(files)).modules.at(-1)
    expect(last).toMatchObject({ path: 'lm_head', role: { kind: 'linear' }, layer: null, dIn: 32, dOut: 153, C: 4 })
  })

  test('inserts identities has each before its host', async () => {
    const path = 'model-layers-1-mlp-down_proj-pre_identity'
    const files = await bentFiles('llama-mlp', {
      tensors: (all) => {
        all.set(`_components.${path}.V`, ramp(44, 5)).set(`_components.${path}.U`, ramp(5, 44))
        addMlpCiFunction(all, path, 5)
      },
      config: (text) => `${text}\nidentity_module_info:\n- module_pattern: '*.1.mlp.down_proj'\n  C: 5\n`,
    })
    const [identity, host] = (await readDecomposition(files)).modules.slice(-2)
    expect(identity).toMatchObject({
      path: 'model.layers.1.mlp.down_proj.pre_identity',
      layer: 1,
      role: { kind: 'identity', hostPath: 'model.layers.1.mlp.down_proj' },
      dIn: 44,
      dOut: 44,
    })
    expect(host?.path).toBe('model.layers.1.mlp.down_proj')
  })
})

describe('a checkpoint', () => {
  const U = '_components.model-layers-0-mlp-up_proj.U'
  const V = '_components.model-layers-0-mlp-up_proj.V'
  const path = 'model.layers.0.mlp.up_proj'
  const bend = (edit: NonNullable<Parameters<typeof bentFiles>[1]['tensors']>, name = 'llama-mlp') =>
    bentFiles(name, { tensors: edit }).then(readDecomposition)

  test.each<[string, Parameters<typeof bend>[0], string, string]>([
    [
      'with a V of the wrong shape',
      (all) => all.set(V, ramp(23, 32)),
      'checkpoint/bad-shape',
      `V of ${path} has shape [23, 32], expected [d_in 32, C 30]`,
    ],
    [
      'with a V of another C',
      (all) => all.set(V, ramp(32, 31)),
      'checkpoint/bad-shape',
      `V of ${path} has shape [32, 31], expected [d_in 32, C 30]`,
    ],
    [
      'with a U of the wrong shape',
      (all) => all.set(U, ramp(30, 32)),
      'checkpoint/bad-shape',
      `U of ${path} has shape [30, 32], expected [C 30, d_out 44]`,
    ],
    [
      'without a U',
      (all) => all.delete(U),
      'checkpoint/missing-tensor',
      `U of ${path} is missing, expected key "${U}"`,
    ],
    [
      'without V and U of a module that a pattern matches',
      (all) => all.delete(U) && all.delete(V),
      'checkpoint/missing-tensor',
      `V of ${path} is missing, expected key "${V}"`,
    ],
    [
      'without a CI function',
      (all) => all.delete('_ci_fns.model-layers-0-mlp-up_proj.layers.2.b'),
      'checkpoint/missing-tensor',
      `b of layer 2 of the CI function of ${path} is missing, expected key "_ci_fns.model-layers-0-mlp-up_proj.layers.2.b"`,
    ],
    [
      'with a CI function of another kind',
      (all) => all.set('_ci_fns.model-layers-0-mlp-up_proj.layers.0.W', ramp(30, 32, 6)),
      'checkpoint/bad-shape',
      `W of layer 0 of the CI function of ${path} has shape [30, 32, 6], expected [C 30, in 1, out 6]`,
    ],
    [
      'with a CI function of more layers',
      (all) => all.set('_ci_fns.model-layers-0-mlp-up_proj.layers.4.W', ramp(30, 1, 1)),
      'checkpoint/unknown-key',
      'key "_ci_fns.model-layers-0-mlp-up_proj.layers.4.W" is unknown, expected only those of a LlamaForCausalLM and 14 modules with CI functions of kind mlp',
    ],
    [
      'with V and U of no module',
      (all) => all.set('_components.model-norm.V', ramp(32, 2)),
      'checkpoint/unknown-key',
      'key "_components.model-norm.V" is unknown, expected only those of a LlamaForCausalLM and 14 modules with CI functions of kind mlp',
    ],
    [
      'with a bias the target model does not have',
      (all) => all.set('target_model.model.layers.0.mlp.up_proj.bias', ramp(44)),
      'checkpoint/unknown-key',
      'key "target_model.model.layers.0.mlp.up_proj.bias" is unknown, expected only those of a LlamaForCausalLM and 14 modules with CI functions of kind mlp',
    ],
    [
      'without a target weight',
      (all) => all.delete('target_model.model.layers.1.self_attn.k_proj.weight'),
      'checkpoint/missing-tensor',
      'weight of model.layers.1.self_attn.k_proj is missing, expected key "target_model.model.layers.1.self_attn.k_proj.weight"',
    ],
    [
      'with a target weight of another shape',
      (all) => all.set('target_model.model.layers.1.self_attn.k_proj.weight', ramp(32, 32)),
      'checkpoint/bad-shape',
      'weight of model.layers.1.self_attn.k_proj has shape [32, 32], expected [d_out 16, d_in 32]',
    ],
    [
      'with a global CI function',
      (all) => all.set('ci_fn._global_ci_fn.layers.0.W', ramp(1)),
      'checkpoint/unknown-key',
      'key "ci_fn._global_ci_fn.layers.0.W" is of one CI function over all modules, expected a CI function a module',
    ],
  ])('%s is refused', async (_, edit, code, message) => {
    await expect(bend(edit)).rejects.toMatchObject({ code, message: `model_1000.safetensors: ${message}` })
  })

  test('with a bias of V and U of another length is refused', async () => {
    await expect(
      bend((all) => all.set('_components.transformer-h-0-mlp-c_fc.bias', ramp(24)), 'gpt2-mlp'),
    ).rejects.toMatchObject({
      code: 'checkpoint/bad-shape',
      message:
        'model_1000.safetensors: bias of V and U of transformer.h.0.mlp.c_fc has shape [24], expected [d_out 96]',
    })
  })

  test('whose unembedding is not the embedding it is tied to is refused', async () => {
    await expect(bend((all) => all.set('target_model.lm_head.weight', ramp(153, 32)))).rejects.toMatchObject({
      code: 'config/invalid',
      message: 'target_config.json: ties lm_head to model.embed_tokens, but they differ in model_1000.safetensors',
    })
  })

  test('of neither format is refused', async () => {
    const files = { ...oracleFiles('llama-mlp'), checkpoint: bytesByteSource(new Uint8Array(20), 'model_1000.pth') }
    await expect(readDecomposition(files)).rejects.toMatchObject({
      code: 'format/unsupported',
      message: 'model_1000.pth: is neither a zip of torch.save nor a safetensors file (20 bytes)',
    })
  })
})

describe('a config', () => {
  const bend = (config: (text: string) => string) => bentFiles('llama-mlp', { config }).then(readDecomposition)
  const first = "- module_pattern: '*self_attn.*_proj'\n  C: 23"

  test('whose patterns overlap but agree opens', async () => {
    const { modules } = await bend((text) => text.replace(first, `${first}\n- module_pattern: '*q_proj'\n  C: 23`))
    expect(modules.length).toBe(14)
  })

  test('whose pattern ends in a star asks for no identities', async () => {
    const { modules } = await bend((text) => text.replace("'*mlp.*_proj'", "'*mlp.*'"))
    expect(modules.length).toBe(14)
  })

  test.each([
    [
      'whose patterns disagree',
      `${first}\n- module_pattern: '*q_proj'\n  C: 22`,
      'model.layers.0.self_attn.q_proj has C 23 by "*self_attn.*_proj" and 22 by "*q_proj"',
    ],
    [
      'with a pattern that matches nothing',
      `${first}\n- module_pattern: '*.c_fc'\n  C: 23`,
      'module pattern "*.c_fc" matches no module of the target model',
    ],
    [
      'without a pattern for a decomposed module',
      "- module_pattern: '*self_attn.[!k]_proj'\n  C: 23",
      'no module pattern matches model.layers.0.self_attn.k_proj, which model_1000.safetensors decomposes',
    ],
  ])('%s is refused', async (_, patterns, message) => {
    await expect(bend((text) => text.replace(first, patterns))).rejects.toMatchObject({
      code: 'config/invalid',
      message: `final_config.yaml: ${message}`,
    })
  })

  test('with an embedding of CI kind vector_mlp is refused', async () => {
    const files = bentFiles('llama-one-c', {
      config: (text) => text.replace('module_info:', 'module_info:\n- module_pattern: model.embed_tokens\n  C: 4'),
    })
    await expect(files.then(readDecomposition)).rejects.toMatchObject({
      code: 'config/unsupported',
      message:
        'final_config.yaml: CI functions of the embedding model.embed_tokens are of kind vector_mlp, expected mlp',
    })
  })
})

/** Bit by bit; a matcher of vitest takes seconds over so many numbers. */
const areEqual = (a: Float32Array = new Float32Array(0), b: Float32Array): boolean =>
  Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0

function addMlpCiFunction(all: Map<string, ReturnType<typeof ramp>>, dashedPath: string, C: number): void {
  all.set(`_ci_fns.${dashedPath}.layers.0.W`, ramp(C, 1, 6)).set(`_ci_fns.${dashedPath}.layers.0.b`, ramp(C, 6))
  all.set(`_ci_fns.${dashedPath}.layers.2.W`, ramp(C, 6, 1)).set(`_ci_fns.${dashedPath}.layers.2.b`, ramp(C, 1))
}

function linears({ blocks, unembedding }: TargetModel): readonly Linear[] {
  const ofBlocks = blocks.flatMap(({ attention, mlp }) => [
    ...(attention.kind === 'fused' ? [attention.queryKeyValue] : [attention.query, attention.key, attention.value]),
    attention.output,
    ...(mlp.kind === 'gated' ? [mlp.gate, mlp.up, mlp.down] : [mlp.input, mlp.output]),
  ])
  return [...ofBlocks, unembedding]
}

/** Every tensor of a run, in an order that depends on the run alone. */
function allTensors({ modules, target }: Decomposition): readonly WeightTensor[] {
  const norms = [...target.blocks.flatMap(({ attentionNorm, mlpNorm }) => [attentionNorm, mlpNorm]), target.finalNorm]
  return [
    ...modules.flatMap(({ V, U, ciFunction }) => [V, U, ...ciFunction.layers.flatMap(({ W, b }) => [W, b])]),
    ...[...linears(target), ...norms].flatMap(({ weight, bias }) => (bias === null ? [weight] : [weight, bias])),
    target.tokenEmbedding.weight,
    ...(target.positionEmbedding === null ? [] : [target.positionEmbedding.weight]),
  ]
}
