import type { CiLayer, DecomposedModule, SigmoidType } from '../decomposition/Decomposition.ts'
import { invariant } from '../errors/invariant.ts'
import type { Value } from '../onnx/GraphBuilder.ts'
import {
  add,
  clip,
  concatenate,
  gelu,
  matMul,
  multiply,
  reshape,
  scale,
  shift,
  sigmoid,
  subtract,
  sumOver,
  transpose,
} from '../onnx/operators.ts'
import type { GraphContext } from './GraphContext.ts'
import { ciBiasName, ciWeightBlockName, ciWeightName } from './ports.ts'

/** Slope of swish_hard's two swishes: `spd/models/sigmoids.py`, `swish_hard_sigmoid`, its default `beta`. */
const SWISH_SLOPE = 10

/** Columns of a block's first layer: 256 rows of them are 3 MB. Smaller blocks gain nothing and are more work to open. */
const BLOCK_COLUMNS = 3072
/** Blocks are multiples of this, so that rows of them begin where a processor's vectors do. */
const SUBCOMPONENT_STEP = 16

/** What a CI function reads: h float32[B, T, C] of its module, or the module's input x float32[B, T, d_in]. */
export interface CiInputs {
  readonly innerActivation: Value
  readonly moduleInput: Value
}

/** Causal importances float32[B, T, C] of one module. */
export function buildCausalImportance(
  context: GraphContext,
  module: DecomposedModule,
  sigmoidType: SigmoidType,
  inputs: CiInputs,
): Value {
  return context.builder.scope('ci_function', () =>
    applySigmoid(context, sigmoidType, buildPreSigmoidImportance(context, module, inputs)),
  )
}

/** γ float32[B, T, C] of one module. */
export function buildPreSigmoidImportance(context: GraphContext, module: DecomposedModule, inputs: CiInputs): Value {
  switch (module.ciFunction.kind) {
    case 'shared_mlp':
      return buildSharedMlp(context, module, inputs.moduleInput)
    case 'vector_mlp':
      return buildVectorMlps(context, module, inputs.moduleInput)
    case 'mlp':
      return buildScalarMlps(context, module, inputs.innerActivation)
  }
}

function buildSharedMlp(context: GraphContext, { path, ciFunction }: DecomposedModule, moduleInput: Value): Value {
  const g = context.builder
  return ciFunction.layers.reduce((x, { W, b }, i) => {
    const input = i === 0 ? x : gelu(g, x, 'erf')
    const product = matMul(g, input, context.weight(ciWeightName(path, i), W, 'ci'))
    return add(g, product, context.weight(ciBiasName(path, i), b, 'ci'))
  }, moduleInput)
}

/** One MLP a subcomponent. Between layers values are [B, T, width, C]: elementwise work then runs along C, the long axis. */
function buildScalarMlps(context: GraphContext, module: DecomposedModule, h: Value): Value {
  const g = context.builder
  const [first, ...others] = module.ciFunction.layers
  invariant(first !== undefined, `${module.path}: CI function without layers`)
  const weight = transpose(g, reshape(g, exactCiWeight(context, module, first, 0), [module.C, outWidth(first)]), [1, 0])
  const product = multiply(g, reshape(g, h, [0, 0, 1, module.C]), weight)
  const hidden = add(g, product, ciBias(context, module, first, 0))
  const layers = others.map((layer, i) => laterLayer(context, module, layer, i + 1))
  return buildLaterLayers(context, hidden, layers, module.C)
}

/**
 * As `buildScalarMlps`, of the module's input. Subcomponents go in blocks, so that a block's hidden values, which are
 * larger than everything else a run has, stay in the processor's cache from one operator to the next.
 */
function buildVectorMlps(context: GraphContext, module: DecomposedModule, x: Value): Value {
  const g = context.builder
  const { C, dIn, path } = module
  const [first, ...others] = module.ciFunction.layers
  invariant(first !== undefined, `${path}: CI function without layers`)
  const out = outWidth(first)
  const lengths = blockLengths(C, out)
  const biases = splitAlong(context, ciBias(context, module, first, 0), lengths, 1)
  const layers = others.map((layer, i) => laterLayer(context, module, layer, i + 1))
  const splitLayers = layers.map(({ weight, bias, isLast }) => {
    const weights = splitAlong(context, weight, lengths, isLast ? 1 : 0)
    const layerBiases = splitAlong(context, bias, lengths, isLast ? 0 : 1)
    return lengths.map((_, block) => ({ weight: at(weights, block), bias: at(layerBiases, block), isLast }))
  })
  let start = 0
  const blocks = lengths.map((length, block) => {
    const from = start
    start += length
    const arrange = (numbers: Float32Array): Float32Array => sideBySide(numbers, from, length, dIn, out)
    const name = lengths.length === 1 ? ciWeightName(path, 0) : ciWeightBlockName(path, 0, block)
    const weight = context.weight(name, first.W, 'ci', { shape: [dIn, out * length], arrange })
    const product = add(g, matMul(g, x, weight), reshape(g, at(biases, block), [out * length]))
    const hidden = reshape(g, product, [0, 0, out, length])
    return buildLaterLayers(
      context,
      hidden,
      splitLayers.map((layer) => at(layer, block)),
      length,
    )
  })
  return blocks.length === 1 ? at(blocks, 0) : concatenate(g, blocks, -1)
}

/** Weights of a layer after the first, of all subcomponents or of a block. */
interface LaterLayer {
  /** float32[C, in, out], or [in, C] of the last. */
  readonly weight: Value
  /** float32[out, C], or [C] of the last. */
  readonly bias: Value
  readonly isLast: boolean
}

function laterLayer(context: GraphContext, module: DecomposedModule, layer: CiLayer, i: number): LaterLayer {
  const g = context.builder
  const isLast = i === module.ciFunction.layers.length - 1
  const weight = ciWeight(context, module, layer, i)
  if (!isLast) return { weight, bias: ciBias(context, module, layer, i), isLast }
  return {
    weight: transpose(g, reshape(g, weight, [module.C, -1]), [1, 0]),
    bias: reshape(g, context.exactWeight(ciBiasName(module.path, i), layer.b), [module.C]),
    isLast,
  }
}

/** float32[B, T, C] of the values [B, T, out, C] of the first layer. */
function buildLaterLayers(context: GraphContext, first: Value, layers: readonly LaterLayer[], C: number): Value {
  const g = context.builder
  const gamma = layers.reduce((x, { weight, bias, isLast }) => {
    const input = gelu(g, x, 'erf')
    // To one number a subcomponent, as a sum; else a product a subcomponent.
    if (isLast) return add(g, sumOver(g, multiply(g, input, weight), 2), bias)
    const product = matMul(g, transpose(g, input, [3, 0, 1, 2]), g.node('Unsqueeze', [weight, g.ints([1])]))
    return add(g, transpose(g, product, [1, 2, 3, 0]), bias)
  }, first)
  return reshape(g, gamma, [0, 0, C])
}

const outWidth = ({ b }: CiLayer): number => b.shape[1] ?? 1

function at<T>(values: readonly T[], i: number): T {
  const value = values[i]
  invariant(value !== undefined, `no value ${i} of ${values.length}`)
  return value
}

/** Numbers of subcomponents in each block of C, whose first layers have `out` columns each. */
function blockLengths(C: number, out: number): number[] {
  const length = Math.max(SUBCOMPONENT_STEP, Math.floor(BLOCK_COLUMNS / out / SUBCOMPONENT_STEP) * SUBCOMPONENT_STEP)
  return Array.from({ length: Math.ceil(C / length) }, (_, block) => Math.min(length, C - block * length))
}

function splitAlong(context: GraphContext, value: Value, lengths: readonly number[], axis: number): readonly Value[] {
  return lengths.length === 1 ? [value] : context.builder.split(value, lengths, axis)
}

/** float32[C, in, out]; of kind mlp it stays exact: a few numbers a subcomponent, that alone decide which fire. */
function ciWeight(context: GraphContext, module: DecomposedModule, layer: CiLayer, i: number): Value {
  if (module.ciFunction.kind === 'mlp') return exactCiWeight(context, module, layer, i)
  return context.weight(ciWeightName(module.path, i), layer.W, 'ci', undefined, 'first')
}

function exactCiWeight(context: GraphContext, { path }: DecomposedModule, { W }: CiLayer, i: number): Value {
  return context.exactWeight(ciWeightName(path, i), W)
}

/** float32[out, C] */
function ciBias(context: GraphContext, { path }: DecomposedModule, { b }: CiLayer, i: number): Value {
  return transpose(context.builder, context.exactWeight(ciBiasName(path, i), b), [1, 0])
}

/** float32[d_in, out · length] of `length` subcomponents from `start` of float32[C, d_in, out]. */
function sideBySide(numbers: Float32Array, start: number, length: number, dIn: number, out: number): Float32Array {
  const arranged = new Float32Array(length * dIn * out)
  let source = start * dIn * out
  for (let c = 0; c < length; c++) {
    for (let i = 0; i < dIn; i++) {
      for (let o = 0; o < out; o++) arranged[(i * out + o) * length + c] = numbers[source++] ?? 0
    }
  }
  return arranged
}

function applySigmoid(context: GraphContext, type: SigmoidType, x: Value): Value {
  const g = context.builder
  switch (type) {
    case 'leaky_hard':
    case 'hard':
      return clip(g, x, 0, 1)
    case 'upper_leaky_hard': {
      const beyondOne = g.node('Relu', [shift(g, x, -1)])
      return add(g, clip(g, x, 0, 1), scale(g, beyondOne, 0.01))
    }
    case 'normal':
      return sigmoid(g, x)
    case 'swish_hard':
      // S writes it as four swishes around 0.5; two of each pair add up to these.
      return subtract(g, swish(context, x), swish(context, shift(g, x, -1)))
  }
}

/** x σ(10 x) */
function swish(context: GraphContext, x: Value): Value {
  const g = context.builder
  return multiply(g, x, sigmoid(g, scale(g, x, SWISH_SLOPE)))
}
