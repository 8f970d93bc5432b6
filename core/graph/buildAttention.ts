import type { Block, Linear, TargetModel } from '../decomposition/TargetModel.ts'
import type { Value } from '../onnx/GraphBuilder.ts'
import {
  add,
  concatenate,
  gather,
  matMul,
  multiply,
  reshape,
  scale,
  softmax,
  subtract,
  transpose,
} from '../onnx/operators.ts'
import type { GraphContext } from './GraphContext.ts'

/** What all blocks share: computed once from the positions of the stories. */
export interface PositionValues {
  /** float32[T, T], added to the scores: 0 where the column's position is not later than the row's, else very negative. */
  readonly causalMask: Value
  /** float32[T, headWidth / 2] each. */
  readonly rotary: { readonly cosine: Value; readonly sine: Value } | null
}

export type ApplyLinear = (linear: Linear, x: Value) => Value

/** Causal self-attention of float32[B, T, width] to the same shape. */
export function buildAttention(
  context: GraphContext,
  target: TargetModel,
  attention: Block['attention'],
  x: Value,
  positions: PositionValues,
  applyLinear: ApplyLinear,
): Value {
  const g = context.builder
  const { headCount, keyValueHeadCount, headWidth } = target.attention
  const [query, key, value] = projections(context, target, attention, x, applyLinear)
  const queries = rotate(context, target, splitHeads(context, target, query, headCount, true), positions)
  const keys = rotate(context, target, splitHeads(context, target, key, keyValueHeadCount, true), positions)
  const values = splitHeads(context, target, value, keyValueHeadCount, false)
  const keysPerQuery = repeatHeads(context, target, transpose(g, keys, [0, 1, 3, 2]))
  const scores = scale(g, matMul(g, queries, keysPerQuery), 1 / Math.sqrt(headWidth))
  const weights = softmax(g, add(g, scores, positions.causalMask))
  const mixed = matMul(g, weights, repeatHeads(context, target, values))
  const joined = reshape(g, transpose(g, mixed, [0, 2, 1, 3]), [0, 0, headCount * headWidth])
  return applyLinear(attention.output, joined)
}

function projections(
  context: GraphContext,
  target: TargetModel,
  attention: Block['attention'],
  x: Value,
  applyLinear: ApplyLinear,
): readonly [Value, Value, Value] {
  if (attention.kind === 'separate') {
    return [applyLinear(attention.query, x), applyLinear(attention.key, x), applyLinear(attention.value, x)]
  }
  const { headCount, keyValueHeadCount, headWidth } = target.attention
  const joint = applyLinear(attention.queryKeyValue, x)
  const width = headCount * headWidth
  const keyValueWidth = keyValueHeadCount * headWidth
  const [query = joint, key = joint, value = joint] = context.builder.split(
    joint,
    [width, keyValueWidth, keyValueWidth],
    -1,
  )
  return [query, key, value]
}

/**
 * float32[B, T, heads · headWidth] to [B, heads, T, headWidth]. Where the rotary pairs are adjacent, components 2i of
 * queries and keys come first and 2i + 1 after them, so that one rotation serves both pairings: their products with each
 * other, all that is ever made of them, do not depend on the order.
 */
function splitHeads(
  context: GraphContext,
  target: TargetModel,
  x: Value,
  headCount: number,
  isRotated: boolean,
): Value {
  const g = context.builder
  const { headWidth, rotary } = target.attention
  if (!isRotated || rotary?.pairs !== 'adjacent') {
    return transpose(g, reshape(g, x, [0, 0, headCount, headWidth]), [0, 2, 1, 3])
  }
  const pairs = transpose(g, reshape(g, x, [0, 0, headCount, headWidth / 2, 2]), [0, 2, 1, 4, 3])
  return reshape(g, pairs, [0, 0, 0, headWidth])
}

function rotate(context: GraphContext, target: TargetModel, x: Value, { rotary }: PositionValues): Value {
  if (rotary === null) return x
  const g = context.builder
  const half = target.attention.headWidth / 2
  const [first = x, second = x] = g.split(x, [half, half], -1)
  const { cosine, sine } = rotary
  return concatenate(
    g,
    [
      subtract(g, multiply(g, first, cosine), multiply(g, second, sine)),
      add(g, multiply(g, second, cosine), multiply(g, first, sine)),
    ],
    -1,
  )
}

/** Each key or value head as often as there are query heads that share it, next to each other. */
function repeatHeads(context: GraphContext, target: TargetModel, x: Value): Value {
  const { headCount, keyValueHeadCount } = target.attention
  const sharing = headCount / keyValueHeadCount
  if (sharing === 1) return x
  const heads = Array.from({ length: headCount }, (_, head) => Math.floor(head / sharing))
  return gather(context.builder, x, context.builder.ints(heads), 1)
}
