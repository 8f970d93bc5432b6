import { AtlasError } from '../../errors/AtlasError.ts'
import { concatenate } from '../gunzip.ts'
import { decodeVarints, encodeVarints } from '../varints.ts'
import { expectLength } from './expectLength.ts'

/** In the place of a number that is no smaller; the rest of it follows. */
const MORE = 255

/** Whole numbers below 2³²: a byte each, 255 where it is 255 or more, then of each such what is above 255 as varints. */
export function encodeByteNumbers(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length)
  const rest: number[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    bytes[i] = Math.min(value, MORE)
    if (value >= MORE) rest.push(value - MORE)
  }
  const tail = encodeVarints(rest)
  return concatenate([bytes, tail], bytes.length + tail.length)
}

/** The `length` numbers of a blob of `encodeByteNumbers`; `place` names it in messages. Refuses 2³² and more. */
export function decodeByteNumbers(bytes: Uint8Array, length: number, place: string): Uint32Array {
  expectLength(place, 'bytes', Math.min(bytes.length, length), length)
  const rest = decodeVarints(bytes.subarray(length), place)
  let at = 0
  const values = Uint32Array.from(bytes.subarray(0, length), (byte) =>
    byte < MORE ? byte : below2To32(MORE + (rest[at++] ?? 0), place),
  )
  expectLength(place, 'numbers above 254', rest.length, at)
  return values
}

/** Counts of at least 1, as byte numbers less 1. */
export function encodeCounts(counts: Uint32Array): Uint8Array {
  return encodeByteNumbers(counts.map((count) => count - 1))
}

/** The `length` counts of a blob of `encodeCounts`; `place` names it in messages. Refuses 2³² and more. */
export function decodeCounts(bytes: Uint8Array, length: number, place: string): Uint32Array {
  return decodeByteNumbers(bytes, length, place).map((less) => below2To32(less + 1, place))
}

function below2To32(number: number, place: string): number {
  if (number < 2 ** 32) return number
  throw new AtlasError('bundle/corrupt', `${place}: ${number}, expected less than 2³²`)
}
