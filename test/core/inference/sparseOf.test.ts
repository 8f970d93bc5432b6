import { describe, expect, test } from 'vitest'
import { sparseOf } from '../../../core/inference/sparseOf.ts'

describe('sparseOf', () => {
  test('keeps what is above 0, row by row', () => {
    const dense = Float32Array.of(0, 0.5, 0, 0, 0, 0, 0.25, -0.5, 1)
    expect(sparseOf(dense, 3, 3)).toEqual({
      rowCount: 3,
      rowStarts: Uint32Array.of(0, 1, 1, 3),
      columns: Uint32Array.of(1, 0, 2),
      causalImportances: Float32Array.of(0.5, 0.25, 1),
    })
  })

  test('reads no further than its rows', () => {
    expect(sparseOf(Float32Array.of(1, 0, Number.NaN), 1, 2).rowStarts).toEqual(Uint32Array.of(0, 1))
  })

  test('refuses NaN', () => {
    const dense = Float32Array.of(0, 0.5, 0, Number.NaN)
    expect(() => sparseOf(dense, 2, 2)).toThrow('causal importances: NaN at row 1, column 1')
  })
})
