import type { DecomposedModule } from './Decomposition.ts'
import { findMatrix } from './findMatrix.ts'
import type { TargetModel } from './TargetModel.ts'

/** Rows of V U computed at a time: with 3,000 columns 400 KB of float64, which stay in a processor's second cache. */
const STRIPE = 16

/**
 * ‖W − (V U)ᵀ‖² / ‖W‖² of a module, from the checkpoint's own numbers with every sum in float64; null where W is all 0 or
 * a number is not finite. In memory at a time are W, V, U and a stripe of their difference.
 */
export async function measureFaithfulness(target: TargetModel, module: DecomposedModule): Promise<number | null> {
  const { dIn, dOut, C } = module
  const { weight, isInputMajor } = findMatrix(target, module)
  const W = weight === null ? null : await weight.read()
  const V = await module.V.read()
  const U = await module.U.read()
  const stripe = new Float64Array(STRIPE * dOut)
  let missed = 0
  let whole = 0
  for (let start = 0; start < dIn; start += STRIPE) {
    const rows = Math.min(STRIPE, dIn - start)
    stripe.fill(0)
    addProduct(stripe, V.subarray(start * C, (start + rows) * C), U, C, dOut)
    for (let i = 0; i < rows; i++) {
      for (let o = 0; o < dOut; o++) {
        const w = entryOf(W, isInputMajor ? (start + i) * dOut + o : o * dIn + start + i, start + i === o)
        missed += (w - (stripe[i * dOut + o] ?? 0)) ** 2
        whole += w * w
      }
    }
  }
  const share = missed / whole
  return Number.isFinite(share) ? share : null
}

function entryOf(W: Float32Array | null, index: number, isDiagonal: boolean): number {
  if (W === null) return isDiagonal ? 1 : 0
  return W[index] ?? 0
}

/** Adds the rows of V (float32[rows, C]) times U (float32[C, d_out]) to `sums`, four subcomponents at a time. */
function addProduct(sums: Float64Array, V: Float32Array, U: Float32Array, C: number, dOut: number): void {
  const rows = V.length / C
  for (let c = 0; c < C; c += 4) {
    const u = c * dOut
    const [second, third, fourth] = [c + 1 < C ? 1 : 0, c + 2 < C ? 1 : 0, c + 3 < C ? 1 : 0]
    const [u1, u2, u3] = [u + second * dOut, u + 2 * third * dOut, u + 3 * fourth * dOut]
    for (let row = 0; row < rows; row++) {
      const v = row * C + c
      const v0 = V[v] ?? 0
      const v1 = second * (V[v + second] ?? 0)
      const v2 = third * (V[v + 2 * third] ?? 0)
      const v3 = fourth * (V[v + 3 * fourth] ?? 0)
      const sum = row * dOut
      for (let o = 0; o < dOut; o++) {
        sums[sum + o] =
          (sums[sum + o] ?? 0) +
          (v0 * (U[u + o] ?? 0) + v1 * (U[u1 + o] ?? 0) + (v2 * (U[u2 + o] ?? 0) + v3 * (U[u3 + o] ?? 0)))
      }
    }
  }
}
