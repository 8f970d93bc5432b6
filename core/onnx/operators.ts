import type { GraphBuilder, Value } from './GraphBuilder.ts'

/** ONNX's number of element type float32, which Cast takes. */
const FLOAT32 = 1

export const matMul = (g: GraphBuilder, a: Value, b: Value): Value => g.node('MatMul', [a, b])
/** a bᵀ of matrices [m, k] and [n, k]. */
export const matMulTransposed = (g: GraphBuilder, a: Value, b: Value): Value => g.node('Gemm', [a, b], { transB: 1 })
export const add = (g: GraphBuilder, a: Value, b: Value): Value => g.node('Add', [a, b])
export const subtract = (g: GraphBuilder, a: Value, b: Value): Value => g.node('Sub', [a, b])
export const multiply = (g: GraphBuilder, a: Value, b: Value): Value => g.node('Mul', [a, b])
export const divide = (g: GraphBuilder, a: Value, b: Value): Value => g.node('Div', [a, b])
export const scale = (g: GraphBuilder, a: Value, factor: number): Value => multiply(g, a, g.float([factor]))
export const shift = (g: GraphBuilder, a: Value, summand: number): Value => add(g, a, g.float([summand]))
export const squareRoot = (g: GraphBuilder, a: Value): Value => g.node('Sqrt', [a])
export const sigmoid = (g: GraphBuilder, a: Value): Value => g.node('Sigmoid', [a])
export const softmax = (g: GraphBuilder, a: Value): Value => g.node('Softmax', [a], { axis: -1 })
export const castToFloat32 = (g: GraphBuilder, a: Value): Value => g.node('Cast', [a], { to: FLOAT32 })

/** x σ(x) */
export const silu = (g: GraphBuilder, a: Value): Value => multiply(g, a, sigmoid(g, a))

/** GELU: exact with erf, or GPT-2's form with tanh. */
export const gelu = (g: GraphBuilder, a: Value, form: 'erf' | 'tanh'): Value =>
  g.node('Gelu', [a], { approximate: form === 'erf' ? 'none' : 'tanh' })

export const clip = (g: GraphBuilder, a: Value, least: number, most: number): Value =>
  g.node('Clip', [a, g.float([least]), g.float([most])])

/** Mean over the last axis, which stays with length 1. */
export const meanOfLast = (g: GraphBuilder, a: Value): Value => g.node('ReduceMean', [a, g.ints([-1])], { keepdims: 1 })

/** Sum over `axis`, which goes. */
export const sumOver = (g: GraphBuilder, a: Value, axis: number): Value =>
  g.node('ReduceSum', [a, g.ints([axis])], { keepdims: 0 })

/** 0 keeps the length of that axis, −1 takes what is left. */
export const reshape = (g: GraphBuilder, a: Value, lengths: readonly number[]): Value =>
  g.node('Reshape', [a, g.ints(lengths)])

/** Axis i of the result is axis `order[i]` of `a`. */
export const transpose = (g: GraphBuilder, a: Value, order: readonly number[]): Value =>
  g.node('Transpose', [a], { perm: order })

export const concatenate = (g: GraphBuilder, parts: readonly Value[], axis: number): Value =>
  g.node('Concat', parts, { axis })

/** Slices of `a` along `axis` at int64 `indices`, whose axes take the place of that one. */
export const gather = (g: GraphBuilder, a: Value, indices: Value, axis: number): Value =>
  g.node('Gather', [a, indices], { axis })

/** int64[1]: the length of `axis`. */
export const lengthOf = (g: GraphBuilder, a: Value, axis: number): Value =>
  g.node('Shape', [a], { start: axis, end: axis + 1 })

/** The first `count` (int64[1]) slices along axis 0. */
export const takeRows = (g: GraphBuilder, a: Value, count: Value): Value =>
  g.node('Slice', [a, g.ints([0]), count, g.ints([0])])
