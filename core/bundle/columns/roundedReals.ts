import { AtlasError } from '../../errors/AtlasError.ts'

/** Most that writing moves a number, as a share of it (of numbers no smaller than the smallest normal float32). */
export const REAL_ERROR = 2 ** -12

/** Bits of a float32 below its first twelve significant ones. */
const LOW_BITS = 12
const HALF = 1 << (LOW_BITS - 1)
const MASK = -1 << LOW_BITS
const INFINITE = 0x7f800000

const float = new DataView(new ArrayBuffer(4))

/**
 * Real numbers to twelve significant bits (`REAL_ERROR`; 0, 1 and all powers of two are exact), null as NaN: the first byte of the float32 of each, most
 * significant first, then the second of each, then the third. The fourth is 0. Refuses what float32 does not hold
 * (format/malformed): a harvest has no such numbers.
 */
export function encodeReals(values: readonly (number | null)[]): Uint8Array {
  const bytes = new Uint8Array(3 * values.length)
  for (const [i, value] of values.entries()) {
    if (value !== null && Math.abs(Math.fround(value)) === Number.POSITIVE_INFINITY) {
      throw new AtlasError('format/malformed', `index: a number to write is ${value}, expected a finite float32`)
    }
    const bits = roundedBits(value ?? Number.NaN)
    bytes[i] = bits >>> 24
    bytes[values.length + i] = bits >>> 16
    bytes[2 * values.length + i] = bits >>> 8
  }
  return bytes
}

/** The numbers of a blob of `encodeReals`; `place` names it in messages. Refuses infinities and cut-off bytes. */
export function decodeReals(bytes: Uint8Array, place: string): (number | null)[] {
  const length = bytes.length / 3
  if (!Number.isInteger(length)) {
    throw new AtlasError('bundle/corrupt', `${place}: ${bytes.length} bytes, expected three a number`)
  }
  return Array.from({ length }, (_, i) => {
    for (let plane = 0; plane < 3; plane++) float.setUint8(plane, bytes[plane * length + i] ?? 0)
    float.setUint8(3, 0)
    const value = float.getFloat32(0)
    if (Number.isNaN(value)) return null
    if (Number.isFinite(value)) return value
    throw new AtlasError('bundle/corrupt', `${place}: number ${i} is infinite`)
  })
}

function roundedBits(value: number): number {
  float.setFloat32(0, value)
  const bits = float.getUint32(0)
  if (Number.isNaN(value)) return bits & MASK
  const rounded = (bits + HALF) & MASK
  // The very largest are cut, not rounded up to infinity.
  return (rounded & INFINITE) === INFINITE ? bits & MASK : rounded
}
