import type { Block, Embedding, Norm, TargetModel } from '../decomposition/TargetModel.ts'
import type { Value } from '../onnx/GraphBuilder.ts'
import {
  add,
  clip,
  divide,
  gelu,
  lengthOf,
  meanOfLast,
  multiply,
  reshape,
  scale,
  shift,
  silu,
  squareRoot,
  subtract,
  takeRows,
} from '../onnx/operators.ts'
import { type ApplyLinear, buildAttention, type PositionValues } from './buildAttention.ts'
import type { GraphContext } from './GraphContext.ts'
import { targetWeightName } from './ports.ts'
import { rotaryTables } from './rotaryTables.ts'

/** Added to the scores of later positions: e to its power is 0 in float32, and unlike −∞ every shader language knows it. */
const NEVER = -1e30

/** How the two graphs differ: in what they make of the matrices that may be decomposed. */
export interface MatrixRules {
  readonly applyLinear: ApplyLinear
  /** Rows of an embedding at int64[B, T] ids, float32[B, T, width]. */
  readonly lookUp: (embedding: Embedding, ids: Value) => Value
}

/** Logits float32[B, T, vocabulary] of int64[B, T] ids: one walk for the five architectures. */
export function buildTargetModel(context: GraphContext, target: TargetModel, ids: Value, rules: MatrixRules): Value {
  const g = context.builder
  const storyLength = lengthOf(g, ids, 1)
  const positions = g.scope('positions', () => buildPositions(context, target, storyLength))
  let x = g.scope('embedding', () => {
    const tokens = rules.lookUp(target.tokenEmbedding, ids)
    if (target.positionEmbedding === null) return tokens
    const { path, weight } = target.positionEmbedding
    return add(
      g,
      tokens,
      takeRows(g, context.weight(targetWeightName(`${path}.weight`), weight, 'target'), storyLength),
    )
  })
  for (const block of target.blocks) {
    x = g.scope(`block.${block.layer}`, () => buildBlock(context, target, block, x, positions, rules.applyLinear))
  }
  return g.scope('unembedding', () =>
    rules.applyLinear(target.unembedding, buildNorm(context, target, target.finalNorm, x)),
  )
}

function buildBlock(
  context: GraphContext,
  target: TargetModel,
  block: Block,
  x: Value,
  positions: PositionValues,
  applyLinear: ApplyLinear,
): Value {
  const g = context.builder
  const attentionInput = buildNorm(context, target, block.attentionNorm, x)
  const attended = g.scope('attention', () =>
    buildAttention(context, target, block.attention, attentionInput, positions, applyLinear),
  )
  const middle = add(g, x, attended)
  const mlpInput = buildNorm(context, target, block.mlpNorm, middle)
  return add(g, middle, buildMlp(context, target, block.mlp, mlpInput, applyLinear))
}

function buildMlp(
  context: GraphContext,
  target: TargetModel,
  mlp: Block['mlp'],
  x: Value,
  applyLinear: ApplyLinear,
): Value {
  const g = context.builder
  const activate = (value: Value): Value => (target.activation === 'silu' ? silu(g, value) : gelu(g, value, 'tanh'))
  return g.scope('mlp', () => {
    if (mlp.kind === 'plain') return applyLinear(mlp.output, activate(applyLinear(mlp.input, x)))
    const gate = activate(applyLinear(mlp.gate, x))
    return applyLinear(mlp.down, multiply(g, gate, applyLinear(mlp.up, x)))
  })
}

/** rms: x / √(mean x² + ε) · weight. layer: the same of x − mean x, + bias. */
function buildNorm(context: GraphContext, target: TargetModel, norm: Norm, x: Value): Value {
  const g = context.builder
  const { kind, epsilon } = target.normalisation
  return g.scope('norm', () => {
    const centred = kind === 'layer' ? subtract(g, x, meanOfLast(g, x)) : x
    const meanSquare = meanOfLast(g, multiply(g, centred, centred))
    const normalised = divide(g, centred, squareRoot(g, shift(g, meanSquare, epsilon)))
    const scaled = multiply(
      g,
      normalised,
      context.weight(targetWeightName(`${norm.path}.weight`), norm.weight, 'target'),
    )
    if (norm.bias === null) return scaled
    return add(g, scaled, context.weight(targetWeightName(`${norm.path}.bias`), norm.bias, 'target'))
  })
}

function buildPositions(context: GraphContext, target: TargetModel, storyLength: Value): PositionValues {
  const g = context.builder
  const { contextLength, attention } = target
  const numbers = context.table('positions', [contextLength], () =>
    Float32Array.from({ length: contextLength }, (_, i) => i),
  )
  const positions = takeRows(g, numbers, storyLength)
  const isLater = clip(g, subtract(g, reshape(g, positions, [1, -1]), reshape(g, positions, [-1, 1])), 0, 1)
  const causalMask = scale(g, isLater, NEVER)
  if (attention.rotary === null) return { causalMask, rotary: null }
  const { headWidth, rotary } = attention
  const shape = [contextLength, headWidth / 2]
  const tables = rotaryTables(contextLength, headWidth, rotary.base)
  const cosine = takeRows(
    g,
    context.table('rotary/cosine', shape, () => tables.cosine),
    storyLength,
  )
  const sine = takeRows(
    g,
    context.table('rotary/sine', shape, () => tables.sine),
    storyLength,
  )
  return { causalMask, rotary: { cosine, sine } }
}
