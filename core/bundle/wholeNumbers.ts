import { AtlasError } from '../errors/AtlasError.ts'
import { putVarint } from '../statistics/firingRun.ts'

/**
 * Whole numbers below 2⁵³ as varints (seven bits a byte, lowest first), in which a 0 is followed by the number of zeros
 * that follow it: what a harvest holds is mostly zeros.
 */
export interface WholeNumberWriter {
  add(numbers: ArrayLike<number>): void
  bytes(): Uint8Array<ArrayBuffer>
}

/** Arrays that whole numbers are read into. */
export type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float64Array

/** A number has at most 8 bytes. */
const MAX_BYTES = 8

export function createWholeNumberWriter(): WholeNumberWriter {
  let bytes = new Uint8Array(4096)
  let offset = 0
  const put = (value: number): void => {
    offset = putVarint(bytes, offset, value)
  }
  const reserve = (byteLength: number): void => {
    if (offset + byteLength <= bytes.length) return
    const larger = new Uint8Array(2 * (offset + byteLength))
    larger.set(bytes.subarray(0, offset))
    bytes = larger
  }
  return {
    add: (numbers) => {
      for (let i = 0; i < numbers.length; i++) {
        const value = numbers[i] ?? 0
        reserve(2 * MAX_BYTES)
        put(value)
        if (value !== 0) continue
        const start = i + 1
        while (i + 1 < numbers.length && numbers[i + 1] === 0) i++
        put(i + 1 - start)
      }
    },
    bytes: () => bytes.slice(0, offset),
  }
}

/** Reads what a WholeNumberWriter wrote, array by array as they were added. */
export interface WholeNumberReader {
  /** Fills `array` with the next numbers and returns it. */
  fill<Numbers extends NumberArray>(array: Numbers): Numbers
  /** The next number, added alone. */
  next(): number
  /** Refuses bytes that are left. */
  end(): void
}

/** A reader of `bytes`, which messages call `place`; what is cut off or too large for its array is format/malformed. */
export function createWholeNumberReader(bytes: Uint8Array, place: string): WholeNumberReader {
  let offset = 0
  const number = (): number => {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      if (offset >= bytes.length) throw malformed(place, `${bytes.length} bytes, cut off`)
      const byte = bytes[offset++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw malformed(place, `number of more than 56 bits at byte ${offset}`)
  }
  const fill = <Numbers extends NumberArray>(array: Numbers): Numbers => {
    const limit = array instanceof Float64Array ? 2 ** 53 : 2 ** (8 * array.BYTES_PER_ELEMENT)
    for (let i = 0; i < array.length; i++) {
      const value = number()
      if (value >= limit) throw malformed(place, `${value} at byte ${offset}, expected less than ${limit}`)
      array[i] = value
      if (value !== 0) continue
      const zeros = number()
      if (zeros >= array.length - i) throw malformed(place, `${zeros} zeros at byte ${offset}, beyond their array`)
      array.fill(0, i, i + zeros + 1)
      i += zeros
    }
    return array
  }
  return {
    fill,
    next: () => fill(new Float64Array(1))[0] ?? 0,
    end: () => {
      if (offset !== bytes.length) throw malformed(place, `${bytes.length - offset} bytes after its end`)
    },
  }
}

function malformed(place: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}
