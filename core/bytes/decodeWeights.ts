import { invariant } from '../errors/invariant.ts'
import type { WeightDtype } from './WeightTensor.ts'
import { widenBfloat16 } from './widenBfloat16.ts'
import { widenFloat16 } from './widenFloat16.ts'

export type ByteOrder = 'little' | 'big'

export const BYTES_PER_ELEMENT: Readonly<Record<WeightDtype, number>> = { float32: 4, float16: 2, bfloat16: 2 }

/** The numbers stored in `bytes`, widened to float32, in memory of their own. */
export function decodeWeights(bytes: Uint8Array, dtype: WeightDtype, byteOrder: ByteOrder): Float32Array {
  const width = BYTES_PER_ELEMENT[dtype]
  invariant(bytes.byteLength % width === 0, `${bytes.byteLength} bytes of ${dtype}`)
  // A copy (Buffer.slice makes none), as typed arrays start at multiples of their element. Every platform of ours is little-endian.
  const own = new Uint8Array(bytes)
  if (byteOrder === 'big') reverseElements(own, width)
  switch (dtype) {
    case 'float32':
      return new Float32Array(own.buffer)
    case 'float16':
      return widenFloat16(new Uint16Array(own.buffer))
    case 'bfloat16':
      return widenBfloat16(new Uint16Array(own.buffer))
  }
}

/** Turns the bytes of each element of `width` bytes round, in place. */
export function reverseElements(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse()
}
