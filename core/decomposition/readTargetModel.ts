import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import type { CheckpointKeys } from './CheckpointKeys.ts'
import type { TargetConfig } from './readTargetConfig.ts'
import type { Block, Embedding, Linear, Norm, TargetModel } from './TargetModel.ts'
import { TARGET_NAMES, type TargetNames } from './targetNames.ts'

/** Takes the target model's weights, every one of the shape its config gives. */
export async function readTargetModel(
  config: TargetConfig,
  keys: CheckpointKeys,
  configName: string,
): Promise<TargetModel> {
  const reader = new WeightReader(config, keys)
  const names = TARGET_NAMES[config.architecture]
  const tokenEmbedding = reader.embedding(names.tokenEmbedding, config.vocabularySize)
  return {
    architecture: config.architecture,
    vocabularySize: config.vocabularySize,
    contextLength: config.contextLength,
    width: config.width,
    attention: config.attention,
    normalisation: config.normalisation,
    activation: config.activation,
    tokenEmbedding,
    positionEmbedding:
      config.attention.rotary === null ? reader.embedding(names.positionEmbedding, config.contextLength) : null,
    blocks: Array.from({ length: config.blockCount }, (_, layer) => reader.block(layer)),
    finalNorm: reader.norm(names.finalNorm),
    unembedding: config.isTied
      ? await reader.tiedUnembedding(tokenEmbedding, configName)
      : reader.linear(names.unembedding, config.width, config.vocabularySize, false),
  }
}

class WeightReader {
  private readonly names: TargetNames
  private readonly config: TargetConfig
  private readonly checkpoint: CheckpointKeys

  constructor(config: TargetConfig, checkpoint: CheckpointKeys) {
    this.names = TARGET_NAMES[config.architecture]
    this.config = config
    this.checkpoint = checkpoint
  }

  block(layer: number): Block {
    const path = this.names.block(layer)
    return {
      layer,
      attentionNorm: this.norm(`${path}.${this.names.attentionNorm}`),
      attention: this.attention(path),
      mlpNorm: this.norm(`${path}.${this.names.mlpNorm}`),
      mlp: this.mlp(path),
    }
  }

  private attention(path: string): Block['attention'] {
    const { names, config } = this
    const { headCount, keyValueHeadCount, headWidth } = config.attention
    const queries = headCount * headWidth
    const keys = keyValueHeadCount * headWidth
    const read = (name: string, dIn: number, dOut: number): Linear =>
      this.linear(`${path}.${name}`, dIn, dOut, config.hasAttentionBias)
    if (config.isAttentionFused) {
      return {
        kind: 'fused',
        queryKeyValue: read(names.fused, config.width, queries + 2 * keys),
        output: read(names.attentionOutput, queries, config.width),
      }
    }
    return {
      kind: 'separate',
      query: read(names.query, config.width, queries),
      key: read(names.key, config.width, keys),
      value: read(names.value, config.width, keys),
      output: read(names.attentionOutput, queries, config.width),
    }
  }

  /** A gate goes with silu in every architecture here. */
  private mlp(path: string): Block['mlp'] {
    const { names, config } = this
    const read = (name: string, dIn: number, dOut: number): Linear =>
      this.linear(`${path}.${name}`, dIn, dOut, config.hasMlpBias)
    if (config.activation === 'silu') {
      return {
        kind: 'gated',
        gate: read(names.gate, config.width, config.mlpWidth),
        up: read(names.up, config.width, config.mlpWidth),
        down: read(names.mlpOutput, config.mlpWidth, config.width),
      }
    }
    return {
      kind: 'plain',
      input: read(names.mlpInput, config.width, config.mlpWidth),
      output: read(names.mlpOutput, config.mlpWidth, config.width),
    }
  }

  embedding(path: string, rows: number): Embedding {
    const axes = [
      ['rows', rows],
      ['width', this.config.width],
    ] as const
    return { path, weight: this.checkpoint.take(`target_model.${path}.weight`, `weight of ${path}`, axes) }
  }

  norm(path: string): Norm {
    const read = (part: 'weight' | 'bias'): WeightTensor =>
      this.checkpoint.take(`target_model.${path}.${part}`, `${part} of ${path}`, [['width', this.config.width]])
    return { path, weight: read('weight'), bias: this.config.normalisation.kind === 'layer' ? read('bias') : null }
  }

  /** Only GPT2LMHeadModel's blocks store their matrices transposed; its unembedding is no Conv1D. */
  linear(path: string, dIn: number, dOut: number, hasBias: boolean): Linear {
    const storedTransposed = this.config.architecture === 'GPT2LMHeadModel' && path !== this.names.unembedding
    const [first, second] = [
      ['d_in', dIn],
      ['d_out', dOut],
    ] as const
    const axes = storedTransposed ? [first, second] : [second, first]
    return {
      path,
      dIn,
      dOut,
      weight: this.checkpoint.take(`target_model.${path}.weight`, `weight of ${path}`, axes),
      storedTransposed,
      bias: hasBias ? this.checkpoint.take(`target_model.${path}.bias`, `bias of ${path}`, [['d_out', dOut]]) : null,
    }
  }

  /** The embedding's own tensor; where the checkpoint holds the unembedding as well, the two must be equal. */
  async tiedUnembedding(embedding: Embedding, configName: string): Promise<Linear> {
    const path = this.names.unembedding
    const { width, vocabularySize } = this.config
    const copy = this.checkpoint.takeOptional(`target_model.${path}.weight`, `weight of ${path}`, [
      ['rows', vocabularySize],
      ['width', width],
    ])
    if (copy !== null && !areEqual(await copy.read(), await embedding.weight.read())) {
      throw new AtlasError(
        'config/invalid',
        `${configName}: ties ${path} to ${embedding.path}, but they differ in ${this.checkpoint.place}`,
      )
    }
    return { path, dIn: width, dOut: vocabularySize, weight: embedding.weight, storedTransposed: false, bias: null }
  }
}

const areEqual = (a: Float32Array, b: Float32Array): boolean => a.every((value, i) => Object.is(value, b[i]))
