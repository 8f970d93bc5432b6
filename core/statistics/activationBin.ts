/** Bins of inner activations: 32 of either sign. */
export const ACTIVATION_BINS = 64

const BINS_A_SIGN = 32
/** Bits 22 and up of a float32: sign, exponent, half of the octave. 2⁻⁸ has exponent 119. */
const SMALLEST = 119 << 1

/**
 * Bin of the float32 whose bits are `bits`, ascending with it: negative in 0 to 31, positive in 32 to 63; of either sign
 * half octaves [2ᵉ, 1.5 · 2ᵉ) and [1.5 · 2ᵉ, 2ᵉ⁺¹) of |h| from 2⁻⁸ to 2⁸, the first open towards 0, the last towards ∞.
 */
export function activationBinOfBits(bits: number): number {
  const halfOctave = ((bits >>> 22) & 0x1ff) - SMALLEST
  const step = halfOctave < 0 ? 0 : halfOctave >= BINS_A_SIGN ? BINS_A_SIGN - 1 : halfOctave
  return bits >>> 31 === 0 ? BINS_A_SIGN + step : BINS_A_SIGN - 1 - step
}

/** Bin of an inner activation h. */
export function activationBin(h: number): number {
  return activationBinOfBits(bitsOf(h))
}

/** Least and greatest |h| of a bin, [from, to), as signed numbers from ≤ h < to (to < h ≤ from where negative); ±∞ and 0 at the open ends. */
export function activationBinEdges(bin: number): { readonly from: number; readonly to: number } {
  const step = bin >= BINS_A_SIGN ? bin - BINS_A_SIGN : BINS_A_SIGN - 1 - bin
  const sign = bin >= BINS_A_SIGN ? 1 : -1
  return {
    from: step === 0 ? 0 : sign * edge(step),
    to: step === BINS_A_SIGN - 1 ? sign * Number.POSITIVE_INFINITY : sign * edge(step + 1),
  }
}

function edge(step: number): number {
  return 2 ** ((step >> 1) - 8) * (step % 2 === 0 ? 1 : 1.5)
}

const view = new DataView(new ArrayBuffer(4))
function bitsOf(h: number): number {
  view.setFloat32(0, h)
  return view.getUint32(0)
}
