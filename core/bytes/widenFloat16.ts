/** Every float16 by its bits, as float32; 256 KiB, filled on first use. */
let table: Float32Array | null = null

/** Numbers of IEEE binary16 bit patterns, exact in float32. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  table ??= buildTable()
  const values = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i] ?? 0] ?? 0
  return values
}

function buildTable(): Float32Array {
  const values = new Float32Array(1 << 16)
  for (let bits = 0; bits < values.length; bits++) values[bits] = float16Value(bits)
  return values
}

/** 1 sign bit, 5 exponent bits of bias 15, 10 mantissa bits. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * mantissa * 2 ** -24
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}
