import { describe, expect, test } from 'vitest'
import { drawReadVectors } from '../../../core/synthesis/drawReadVectors.ts'
import { fitWriteVectors } from '../../../core/synthesis/fitWriteVectors.ts'
import { RandomStream } from '../../../core/synthesis/RandomStream.ts'

describe('drawReadVectors', () => {
  test('gives unit columns that depend on seed and path', () => {
    const sizes = { dIn: 6, dOut: 1, C: 9 }
    const V = drawReadVectors(0, 'a', sizes)
    for (let c = 0; c < 9; c++) {
      let squares = 0
      for (let i = 0; i < 6; i++) squares += (V[i * 9 + c] ?? 0) ** 2
      expect(squares).toBeCloseTo(1, 6)
    }
    expect(drawReadVectors(0, 'a', sizes)).toEqual(V)
    expect(drawReadVectors(0, 'b', sizes)).not.toEqual(V)
    expect(drawReadVectors(1, 'a', sizes)).not.toEqual(V)
  })
})

describe('fitWriteVectors', () => {
  test('solves the ridge of the identity', () => {
    // V = I: U = Wᵀ / (1 + λ), λ = 1e-4 · C / d_in = 1e-4, and (λ / (1 + λ))² of W is left.
    const W = Float32Array.of(1, 2, 3, 4, 5, 6)
    const { U, faithfulness } = fitWriteVectors(W, Float32Array.of(1, 0, 0, 1), { dIn: 2, dOut: 3, C: 2 })
    const expected = [1, 3, 5, 2, 4, 6].map((value) => value / 1.0001)
    for (const [i, value] of expected.entries()) expect(U[i]).toBeCloseTo(value, 6)
    expect(faithfulness).toBeCloseTo((1e-4 / 1.0001) ** 2, 14)
  })

  test.each([
    ['more subcomponents than inputs', 60, 1e-7],
    ['as many', 10, 0.1],
    ['fewer', 4, 1],
  ])('says what is left with %s', (_, C, most) => {
    const sizes = { dIn: 10, dOut: 7, C }
    const W = new RandomStream(1, 'W').normals(70, 1)
    const V = drawReadVectors(1, 'm', sizes)
    const { U, faithfulness } = fitWriteVectors(W, V, sizes)
    const left = relativeRest(W, V, U, sizes)
    expect(faithfulness / left).toBeCloseTo(1, 3)
    expect(left).toBeLessThan(most)
  })
})

/** ‖W − (V U)ᵀ‖² / ‖W‖², by its definition. */
function relativeRest(
  W: Float32Array,
  V: Float32Array,
  U: Float32Array,
  { dIn, dOut, C }: { readonly dIn: number; readonly dOut: number; readonly C: number },
): number {
  let rest = 0
  let whole = 0
  for (let o = 0; o < dOut; o++) {
    for (let i = 0; i < dIn; i++) {
      const w = W[o * dIn + i] ?? 0
      let product = 0
      for (let c = 0; c < C; c++) product += (V[i * C + c] ?? 0) * (U[c * dOut + o] ?? 0)
      rest += (w - product) ** 2
      whole += w ** 2
    }
  }
  return rest / whole
}
