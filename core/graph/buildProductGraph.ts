import { GraphBuilder } from '../onnx/GraphBuilder.ts'
import { matMulTransposed } from '../onnx/operators.ts'

/** Ports of the graph that `buildProductGraph` builds. */
export const PRODUCT_PORTS = {
  readVectors: 'read_vectors',
  moduleInput: 'module_input',
  product: 'inner_activation',
} as const

/**
 * h = x V of some subcomponents, one after the other rather than one position after the other: Vᵀ float32[columns, d_in]
 * and x float32[rows, d_in] give hᵀ = Vᵀ xᵀ float32[columns, rows].
 */
export function buildProductGraph(): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder('product')
  const readVectors = g.input(PRODUCT_PORTS.readVectors, 'float32', ['columns', 'width'])
  const moduleInput = g.input(PRODUCT_PORTS.moduleInput, 'float32', ['rows', 'width'])
  g.output(PRODUCT_PORTS.product, matMulTransposed(g, readVectors, moduleInput), ['columns', 'rows'])
  return g.write()
}
