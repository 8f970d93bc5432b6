import { AtlasError } from '../errors/AtlasError.ts'

/** Unsigned integers below 2³² as LEB128: seven bits a byte, lowest first, the top bit set on all but the last. */
export function encodeVarints(values: ArrayLike<number>): Uint8Array {
  let byteLength = 0
  for (let i = 0; i < values.length; i++) byteLength += varintLength(values[i] ?? 0)
  const bytes = new Uint8Array(byteLength)
  let offset = 0
  for (let i = 0; i < values.length; i++) {
    let rest = values[i] ?? 0
    while (rest > 127) {
      bytes[offset++] = (rest & 127) | 128
      rest >>>= 7
    }
    bytes[offset++] = rest
  }
  return bytes
}

/** The integers `bytes` holds; `place` names them in messages. Refuses a number cut off or of 2³² and more. */
export function decodeVarints(bytes: Uint8Array, place: string): Uint32Array {
  const values = new Uint32Array(bytes.length)
  let count = 0
  let value = 0
  let shift = 0
  for (const byte of bytes) {
    if (shift === 28 && byte > 15) throw corrupt(place, `number ${count} has more than 32 bits`)
    value = (value | ((byte & 127) << shift)) >>> 0
    if (byte < 128) {
      values[count++] = value
      value = 0
      shift = 0
    } else {
      shift += 7
    }
  }
  if (shift > 0) throw corrupt(place, `number ${count} is cut off`)
  return values.slice(0, count)
}

function varintLength(value: number): number {
  if (value < 2 ** 7) return 1
  if (value < 2 ** 14) return 2
  if (value < 2 ** 21) return 3
  return value < 2 ** 28 ? 4 : 5
}

function corrupt(place: string, finding: string): AtlasError {
  return new AtlasError('bundle/corrupt', `${place}: ${finding}`)
}
