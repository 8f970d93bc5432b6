import { expect, test } from 'vitest'
import { decodeReals, encodeReals, REAL_ERROR } from '../../../../core/bundle/columns/roundedReals.ts'
import { expectCorrupt } from './columnChecks.ts'

const SMALLEST_NORMAL = 2 ** -126
const LARGEST = (2 - 2 ** -23) * 2 ** 127
/** A float32 below the smallest normal one has fewer significant bits: half of 2⁻¹³⁷ is what it may be moved. */
const SUBNORMAL_ERROR = 2 ** -138

/** `values` as they are read again. */
const written = (values: readonly number[]) => decodeReals(encodeReals(values), 'x')

const bits = new DataView(new ArrayBuffer(4))
const floatOf = (pattern: number): number => {
  bits.setUint32(0, pattern)
  return bits.getFloat32(0)
}

/** Finite float32 of all signs and exponents, the same each time (a linear congruential generator). */
function randomFloats(count: number): number[] {
  let state = 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return floatOf(state)
  }).filter(Number.isFinite)
}

test('a real is off by at most 2⁻¹² of itself, whatever its bits', () => {
  const values = [...randomFloats(100_000), LARGEST, -LARGEST, SMALLEST_NORMAL, 1e-20, -3e38, 2 ** -149]
  const decoded = decodeReals(encodeReals(values), 'x')
  const beyond = values.filter((value, i) => {
    const allowed = Math.abs(value) < SMALLEST_NORMAL ? SUBNORMAL_ERROR : REAL_ERROR * Math.abs(value)
    return !(Math.abs((decoded[i] ?? Number.NaN) - value) <= allowed)
  })
  expect(REAL_ERROR).toBe(2 ** -12)
  expect(values.length).toBeGreaterThan(99_000)
  expect(beyond).toEqual([])
  // The bound is reached: 1 + 2⁻¹² lies halfway between two numbers of twelve bits.
  expect(Math.abs((written([1 + 2 ** -12])[0] ?? 0) - (1 + 2 ** -12))).toBe(2 ** -12)
})

test('what has twelve significant bits is kept as it is, sign included', () => {
  const exact = [0, -0, 1, -1, 0.5, 4095, -4095 * 2 ** 100, 2 ** 127, 2 ** -126, 2 ** -137]
  expect(decodeReals(encodeReals(exact), 'x')).toEqual(exact)
})

test('what is read again is written as it is', () => {
  const rounded = written(randomFloats(1000)).map((value) => value ?? Number.NaN)
  expect(written(rounded)).toEqual(rounded)
})

test('null and NaN of any bits are null', () => {
  const odd = [0x7f800001, 0xffc00001, 0x7fffffff].map(floatOf)
  expect(decodeReals(encodeReals([null, Number.NaN, ...odd, 2]), 'x')).toEqual([null, null, null, null, null, 2])
})

test('bytes of one rank stand together, most significant first', () => {
  expect([...encodeReals([1, -2])]).toEqual([0x3f, 0xc0, 0x80, 0, 0, 0])
  expect(encodeReals([])).toHaveLength(0)
  expect(decodeReals(new Uint8Array(0), 'x')).toEqual([])
})

test('refuses to write what no reader would take', () => {
  for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e39]) {
    expect(() => encodeReals([0, value])).toThrow(`index: a number to write is ${value}, expected a finite float32`)
  }
})

test('refuses cut-off bytes and infinities', () => {
  expectCorrupt(() => decodeReals(new Uint8Array(4), 'x'), 'x: 4 bytes, expected three a number')
  expectCorrupt(() => decodeReals(new Uint8Array(5), 'x'), 'x: 5 bytes')
  expectCorrupt(() => decodeReals(Uint8Array.of(0x7f, 0x80, 0), 'x'), 'x: number 0 is infinite')
  expectCorrupt(() => decodeReals(Uint8Array.of(0, 0xff, 0, 0x80, 0, 0), 'x'), 'x: number 1 is infinite')
})
