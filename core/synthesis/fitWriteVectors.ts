import { invariant } from '../errors/invariant.ts'
import type { ModuleSizes } from './drawReadVectors.ts'

/** Share of the mean eigenvalue of V Vᵀ that is added to its diagonal, so that the fit stays solvable where C ≤ d_in. */
const RIDGE = 1e-4

export interface WriteVectors {
  /** float32[C, d_out] */
  readonly U: Float32Array
  /** ‖W − (V U)ᵀ‖² / ‖W‖² */
  readonly faithfulness: number
}

/**
 * The U of least squares and least norm for W float32[d_out, d_in] and V float32[d_in, C]: Vᵀ M with
 * M = (V Vᵀ + λ I)⁻¹ Wᵀ. What it leaves of Wᵀ is λ M: next to nothing where C is well above d_in.
 */
export function fitWriteVectors(W: Float32Array, V: Float32Array, { dIn, dOut, C }: ModuleSizes): WriteVectors {
  const ridge = (RIDGE * C) / dIn
  const factor = choleskyFactor(gramPlusRidge(V, dIn, C, ridge), dIn)
  const M = new Float64Array(dIn * dOut)
  let squares = 0
  let leftSquares = 0
  for (let o = 0; o < dOut; o++) {
    const w = W.subarray(o * dIn, (o + 1) * dIn)
    const m = solveWith(factor, w)
    for (let i = 0; i < dIn; i++) {
      M[i * dOut + o] = m[i] ?? 0
      squares += (w[i] ?? 0) ** 2
      leftSquares += (ridge * (m[i] ?? 0)) ** 2
    }
  }
  return { U: productWithTransposed(V, M, { dIn, dOut, C }), faithfulness: leftSquares / squares }
}

/** V Vᵀ + ridge · I, float64[d_in, d_in], its lower triangle. */
function gramPlusRidge(V: Float32Array, dIn: number, C: number, ridge: number): Float64Array {
  const gram = new Float64Array(dIn * dIn)
  for (let i = 0; i < dIn; i++) {
    const a = V.subarray(i * C, (i + 1) * C)
    for (let j = 0; j <= i; j++) {
      const b = V.subarray(j * C, (j + 1) * C)
      let sum = i === j ? ridge : 0
      for (let c = 0; c < C; c++) sum += (a[c] ?? 0) * (b[c] ?? 0)
      gram[i * dIn + j] = sum
    }
  }
  return gram
}

/** The lower triangular L with L Lᵀ = `matrix`, in its place. */
function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j] ?? 0
      for (let k = 0; k < j; k++) sum -= (matrix[i * n + k] ?? 0) * (matrix[j * n + k] ?? 0)
      invariant(i !== j || sum > 0, 'a Gram matrix with a ridge is positive definite')
      matrix[i * n + j] = i === j ? Math.sqrt(sum) : sum / (matrix[j * n + j] ?? 1)
    }
  }
  return matrix
}

/** x with L Lᵀ x = `right`. */
function solveWith(factor: Float64Array, right: Float32Array): Float64Array {
  const n = right.length
  const x = Float64Array.from(right)
  for (let i = 0; i < n; i++) {
    let sum = x[i] ?? 0
    for (let k = 0; k < i; k++) sum -= (factor[i * n + k] ?? 0) * (x[k] ?? 0)
    x[i] = sum / (factor[i * n + i] ?? 1)
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] ?? 0
    for (let k = i + 1; k < n; k++) sum -= (factor[k * n + i] ?? 0) * (x[k] ?? 0)
    x[i] = sum / (factor[i * n + i] ?? 1)
  }
  return x
}

/** Vᵀ M, float32[C, d_out]. */
function productWithTransposed(V: Float32Array, M: Float64Array, { dIn, dOut, C }: ModuleSizes): Float32Array {
  const U = new Float32Array(C * dOut)
  const row = new Float64Array(dOut)
  for (let c = 0; c < C; c++) {
    row.fill(0)
    for (let i = 0; i < dIn; i++) {
      const v = V[i * C + c] ?? 0
      for (let o = 0; o < dOut; o++) row[o] = (row[o] ?? 0) + v * (M[i * dOut + o] ?? 0)
    }
    U.set(row, c * dOut)
  }
  return U
}
