import type { CiLayer, DecomposedModule, SigmoidType } from '../decomposition/Decomposition.ts'
import { invariant } from '../errors/invariant.ts'
import type { Value } from '../onnx/GraphBuilder.ts'
import {
  add,
  clip,
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
import { ciBiasName, ciWeightName } from './ports.ts'

/** Slope of swish_hard's two swishes: `spd/models/sigmoids.py`, `swish_hard_sigmoid`, its default `beta`. */
const SWISH_SLOPE = 10

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
  return module.ciFunction.kind === 'shared_mlp'
    ? buildSharedMlp(context, module, inputs.moduleInput)
    : buildMlpPerSubcomponent(context, module, inputs)
}

function buildSharedMlp(context: GraphContext, { path, ciFunction }: DecomposedModule, moduleInput: Value): Value {
  const g = context.builder
  return ciFunction.layers.reduce((x, { W, b }, i) => {
    const input = i === 0 ? x : gelu(g, x, 'erf')
    const product = matMul(g, input, context.weight(ciWeightName(path, i), W))
    return add(g, product, context.weight(ciBiasName(path, i), b))
  }, moduleInput)
}

/** One MLP a subcomponent. Between layers values are [B, T, width, C]: elementwise work then runs along C, the long axis. */
function buildMlpPerSubcomponent(context: GraphContext, module: DecomposedModule, inputs: CiInputs): Value {
  const g = context.builder
  const [first, ...others] = module.ciFunction.layers
  invariant(first !== undefined, `${module.path}: CI function without layers`)
  let hidden =
    module.ciFunction.kind === 'mlp'
      ? buildScalarLayer(context, module, first, inputs.innerActivation)
      : buildVectorLayer(context, module, first, inputs.moduleInput)
  for (const [i, layer] of others.entries()) {
    const build = i === others.length - 1 ? buildLastLayer : buildMiddleLayer
    hidden = build(context, module, layer, i + 1, gelu(g, hidden, 'erf'))
  }
  return reshape(g, hidden, [0, 0, module.C])
}

const outWidth = ({ b }: CiLayer): number => b.shape[1] ?? 1

/** float32[B, T, C] to [B, T, out, C]: the number h_c times a weight each. */
function buildScalarLayer(context: GraphContext, module: DecomposedModule, layer: CiLayer, h: Value): Value {
  const g = context.builder
  const weight = transpose(g, reshape(g, ciWeight(context, module, layer, 0), [module.C, outWidth(layer)]), [1, 0])
  return add(g, multiply(g, reshape(g, h, [0, 0, 1, module.C]), weight), ciBias(context, module, layer, 0))
}

/** float32[B, T, d_in] to [B, T, out, C], as one product with all subcomponents' weights side by side, [d_in, out · C]. */
function buildVectorLayer(context: GraphContext, module: DecomposedModule, layer: CiLayer, x: Value): Value {
  const g = context.builder
  const { C, dIn, path } = module
  const out = outWidth(layer)
  const arrange = (numbers: Float32Array): Float32Array => sideBySide(numbers, C, dIn, out)
  const weight = context.weight(ciWeightName(path, 0), layer.W, { shape: [dIn, out * C], arrange })
  const product = reshape(g, matMul(g, x, weight), [0, 0, out, C])
  return add(g, product, ciBias(context, module, layer, 0))
}

/** float32[B, T, in, C] to [B, T, out, C]: a product a subcomponent. */
function buildMiddleLayer(context: GraphContext, module: DecomposedModule, layer: CiLayer, i: number, x: Value): Value {
  const g = context.builder
  const out = outWidth(layer)
  const weight = reshape(g, ciWeight(context, module, layer, i), [module.C, 1, -1, out])
  const product = matMul(g, transpose(g, x, [3, 0, 1, 2]), weight)
  return add(g, transpose(g, product, [1, 2, 3, 0]), ciBias(context, module, layer, i))
}

/** float32[B, T, in, C] to [B, T, C]: to one number a subcomponent, as a sum. */
function buildLastLayer(context: GraphContext, module: DecomposedModule, layer: CiLayer, i: number, x: Value): Value {
  const g = context.builder
  const weight = transpose(g, reshape(g, ciWeight(context, module, layer, i), [module.C, -1]), [1, 0])
  const bias = reshape(g, context.exactWeight(ciBiasName(module.path, i), layer.b), [module.C])
  return add(g, sumOver(g, multiply(g, x, weight), 2), bias)
}

/** Of kind mlp it stays exact: a few numbers a subcomponent, that alone decide which fire. */
function ciWeight(context: GraphContext, module: DecomposedModule, { W }: CiLayer, i: number): Value {
  const name = ciWeightName(module.path, i)
  return module.ciFunction.kind === 'mlp' ? context.exactWeight(name, W) : context.weight(name, W)
}

/** float32[out, C] */
function ciBias(context: GraphContext, { path }: DecomposedModule, { b }: CiLayer, i: number): Value {
  return transpose(context.builder, context.exactWeight(ciBiasName(path, i), b), [1, 0])
}

/** float32[d_in, out · C] of float32[C, d_in, out]. */
function sideBySide(numbers: Float32Array, C: number, dIn: number, out: number): Float32Array {
  const arranged = new Float32Array(numbers.length)
  let source = 0
  for (let c = 0; c < C; c++) {
    for (let i = 0; i < dIn; i++) {
      for (let o = 0; o < out; o++) arranged[(i * out + o) * C + c] = numbers[source++] ?? 0
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
