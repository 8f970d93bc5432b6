import type { Embedding, Linear, TargetModel } from '../decomposition/TargetModel.ts'
import type { Value } from '../onnx/GraphBuilder.ts'
import { add, gather, matMul, transpose } from '../onnx/operators.ts'
import type { GraphContext } from './GraphContext.ts'
import { targetWeightName } from './ports.ts'
import { transposeMatrix } from './transposeMatrix.ts'

/** x Wᵀ without the bias, float32[B, T, d_out]; the matrix lies as [d_in, d_out], so that nothing is transposed at load. */
export function multiplyByWeight(context: GraphContext, target: TargetModel, linear: Linear, x: Value): Value {
  const isTied = linear === target.unembedding && areTied(target)
  const path = isTied ? target.tokenEmbedding.path : linear.path
  return matMul(context.builder, x, matrix(context, path, linear))
}

/** `y` and the bias of `linear`, if it has one. */
export function addBias(context: GraphContext, linear: Linear, y: Value): Value {
  if (linear.bias === null) return y
  return add(context.builder, y, context.weight(targetWeightName(`${linear.path}.bias`), linear.bias, 'target'))
}

/** Rows of the token embedding, float32[B, T, width]; where it is also the unembedding, its columns as that stores it. */
export function lookUpEmbedding(context: GraphContext, target: TargetModel, embedding: Embedding, ids: Value): Value {
  const g = context.builder
  if (embedding === target.tokenEmbedding && areTied(target)) {
    return transpose(g, gather(g, matrix(context, embedding.path, target.unembedding), ids, 1), [1, 2, 0])
  }
  return gather(g, context.weight(targetWeightName(`${embedding.path}.weight`), embedding.weight, 'target'), ids, 0)
}

function areTied({ tokenEmbedding, unembedding }: TargetModel): boolean {
  return tokenEmbedding.weight.key === unembedding.weight.key
}

function matrix(context: GraphContext, path: string, { dIn, dOut, weight, storedTransposed }: Linear): Value {
  const name = targetWeightName(`${path}.weight`)
  if (storedTransposed) return context.weight(name, weight, 'target')
  const arrange = (numbers: Float32Array): Float32Array => transposeMatrix(numbers, dOut, dIn)
  return context.weight(name, weight, 'target', { shape: [dIn, dOut], arrange })
}
