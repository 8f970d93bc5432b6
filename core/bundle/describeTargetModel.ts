import type { WeightTensor } from '../bytes/WeightTensor.ts'
import type { Block, Linear, TargetModel } from '../decomposition/TargetModel.ts'
import type { Manifest } from './manifest.ts'

/** What the manifest says of a target model. */
export function describeTargetModel(target: TargetModel, name: string | null): Manifest['target_model'] {
  return {
    architecture: target.architecture,
    name,
    layers: target.blocks.length,
    width: target.width,
    heads: target.attention.headCount,
    key_value_heads: target.attention.keyValueHeadCount,
    vocabulary_size: target.vocabularySize,
    context_length: target.contextLength,
    parameters: countParameters(target),
  }
}

/** Numbers in the target model's weights and biases, a tied embedding counted once. */
export function countParameters(target: TargetModel): number {
  const { tokenEmbedding, positionEmbedding, blocks, finalNorm, unembedding } = target
  const norms = [...blocks.flatMap(({ attentionNorm, mlpNorm }) => [attentionNorm, mlpNorm]), finalNorm]
  const tensors = [
    tokenEmbedding.weight,
    positionEmbedding?.weight ?? null,
    ...[...blocks.flatMap(matricesOf), unembedding, ...norms].flatMap(({ weight, bias }) => [weight, bias]),
  ].filter((tensor) => tensor !== null)
  const byKey = new Map(tensors.map((tensor) => [tensor.key, elementCount(tensor)]))
  return [...byKey.values()].reduce((sum, count) => sum + count, 0)
}

function matricesOf({ attention, mlp }: Block): Linear[] {
  const projections =
    attention.kind === 'fused' ? [attention.queryKeyValue] : [attention.query, attention.key, attention.value]
  const matrices = mlp.kind === 'gated' ? [mlp.gate, mlp.up, mlp.down] : [mlp.input, mlp.output]
  return [...projections, attention.output, ...matrices]
}

function elementCount({ shape }: WeightTensor): number {
  return shape.reduce((product, length) => product * length, 1)
}
