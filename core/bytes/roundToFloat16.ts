/** Bits of float32 infinity, 65520 (the least number that rounds to float16 infinity), 2^-14 and 2^-25. */
const INFINITY_BITS = 0x7f800000
const OVERFLOW_BITS = 0x477ff000
const LEAST_NORMAL_BITS = 0x38800000
const HALF_LEAST_SUBNORMAL_BITS = 0x33000000

/** IEEE binary16 bit patterns of the nearest float16 numbers, ties to even; beyond ±65504 infinity, NaN stays NaN. */
export function roundToFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const rounded = new Uint16Array(values.length)
  for (let i = 0; i < words.length; i++) rounded[i] = roundWord(words[i] ?? 0)
  return rounded
}

function roundWord(word: number): number {
  const sign = (word >>> 16) & 0x8000
  const magnitude = word & 0x7fffffff
  if (magnitude > INFINITY_BITS) return sign | 0x7e00
  if (magnitude >= OVERFLOW_BITS) return sign | 0x7c00
  if (magnitude >= LEAST_NORMAL_BITS) {
    // The exponent's bias falls from 127 to 15; a carry out of the mantissa raises the exponent, as it should.
    const rebiased = magnitude - ((127 - 15) << 23)
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13)
  }
  return magnitude <= HALF_LEAST_SUBNORMAL_BITS ? sign : sign | roundSubnormal(magnitude)
}

/** The number as a multiple of 2^-24, the unit of float16's subnormals. */
function roundSubnormal(magnitude: number): number {
  const mantissa = (magnitude & 0x7fffff) | 0x800000
  const shift = 126 - (magnitude >>> 23)
  const quotient = mantissa >>> shift
  const remainder = mantissa & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return remainder > half || (remainder === half && quotient % 2 === 1) ? quotient + 1 : quotient
}
