import type { Manifest } from '../core/bundle/manifest.ts'

/**
 * Floating-point operations of one position's matrix products: the decomposed weights, the read vectors of the
 * subcomponents in the graphs, and the CI functions (kind `mlp` has none: those are looked up). Attention and the
 * output layer are left out, so that a share of the peak is a lower bound.
 */
export function matrixWorkOf({ modules, run: { ci_kind, ci_hidden } }: Manifest): number {
  const chain = (lengths: readonly number[]): number =>
    lengths.slice(1).reduce((sum, length, i) => sum + length * (lengths[i] ?? 0), 0)
  const products = modules.map(({ d_in, d_out, c, kept, role }) => {
    const columns = kept?.count ?? c
    const read = role === 'embedding' ? 0 : d_in * (d_out + columns)
    if (ci_kind === 'vector_mlp') return read + columns * chain([d_in, ...ci_hidden, 1])
    return ci_kind === 'shared_mlp' ? read + chain([d_in, ...ci_hidden, columns]) : read
  })
  return 2 * products.reduce((sum, count) => sum + count, 0)
}
