import type { ByteSource } from '../bytes/ByteSource.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { assertFiringShape, type FiringShape, MAX_ENTRY_BYTES, RUN_MAGIC } from './firingRun.ts'

/** Entries of a run, one after the other. The arrays are the reader's, longer than what is in use, until it reads on. */
export interface RunStripe {
  readonly length: number
  /** float64: `firingKey`. */
  readonly keys: Float64Array
  readonly counts: Uint32Array
  readonly blocks: Uint16Array
}

/** Bytes of a run decoded at a time, unless told otherwise. */
const STRIPE_BYTES = 64 * 1024

/** An entry has at least three bytes. */
const LEAST_ENTRY_BYTES = 3

/**
 * The entries of the run `source` holds, a stripe of some `stripeBytes` at a time. Refuses (format/malformed) a run that
 * is cut off, goes on after its end, is of another shape, or has entries that no counting gives.
 */
export async function* readRun(
  source: ByteSource,
  shape: FiringShape,
  stripeBytes = STRIPE_BYTES,
): AsyncGenerator<RunStripe> {
  assertFiringShape(shape, source.name)
  const size = Math.max(stripeBytes, 16 * MAX_ENTRY_BYTES)
  const decoder = createRunDecoder(source.name, shape, size + MAX_ENTRY_BYTES)
  let rest = new Uint8Array(0)
  for (let start = 0; start < source.byteLength || start === 0; ) {
    const end = Math.min(source.byteLength, start + size)
    const bytes = joined(rest, await source.slice(start, end))
    const used = decoder.decode(bytes, end === source.byteLength)
    rest = bytes.slice(used)
    start = end
    if (decoder.stripe.length > 0) yield decoder.stripe
    if (start === 0) break
  }
  decoder.assertEnded()
}

interface RunDecoder {
  readonly stripe: RunStripe
  /** Decodes all entries of `bytes` that are certainly whole, every one where these are the last; returns the bytes used. */
  decode(bytes: Uint8Array, isLast: boolean): number
  assertEnded(): void
}

function createRunDecoder(place: string, shape: FiringShape, maxBytes: number): RunDecoder {
  const capacity = Math.ceil(maxBytes / LEAST_ENTRY_BYTES)
  const stripe = {
    length: 0,
    keys: new Float64Array(capacity),
    counts: new Uint32Array(capacity),
    blocks: new Uint16Array(capacity),
  }
  const keyCount = shape.C * shape.vocabularySize * shape.levelCount
  let bytes: Uint8Array = new Uint8Array(0)
  let offset = 0
  let before = -1
  let entryCount = 0
  let isOpen = false
  let hasEnded = false

  const number = (): number => {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      if (offset >= bytes.length) throw malformed(place, `cut off after ${entryCount} entries`)
      const byte = bytes[offset++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw malformed(place, `entry ${entryCount} has a number of more than 56 bits`)
  }
  const open = (): void => {
    for (const expected of RUN_MAGIC) if (number() !== expected) throw malformed(place, 'not a run of firing counts')
    const found = [number(), number(), number()].join(' × ')
    const expected = [shape.C, shape.vocabularySize, shape.levelCount].join(' × ')
    if (found !== expected) throw malformed(place, `run of ${found} subcomponents, tokens and levels, not ${expected}`)
    isOpen = true
  }
  const close = (): void => {
    const told = number()
    if (told !== entryCount) throw malformed(place, `${entryCount} entries, expected ${told}`)
    hasEnded = true
  }
  const entry = (distance: number): void => {
    const key = before + distance
    const count = number()
    const blocks = number()
    const mask = count === 1 && blocks < 16 ? 1 << blocks : blocks
    if (key >= keyCount) throw malformed(place, `entry ${entryCount} lies beyond ${keyCount} keys`)
    if (count < 1 || count >= 2 ** 32) throw malformed(place, `entry ${entryCount} has count ${count}`)
    if (mask < 1 || mask >= 2 ** 16 || bitsOf(mask) > count) {
      throw malformed(place, `entry ${entryCount} has blocks ${blocks} for count ${count}`)
    }
    stripe.keys[stripe.length] = key
    stripe.counts[stripe.length] = count
    stripe.blocks[stripe.length] = mask
    stripe.length += 1
    before = key
    entryCount += 1
  }
  return {
    stripe,
    decode: (read, isLast) => {
      bytes = read
      offset = 0
      stripe.length = 0
      const end = isLast ? bytes.length : bytes.length - MAX_ENTRY_BYTES
      if (!isOpen) open()
      while (offset < end && !hasEnded) {
        const distance = number()
        if (distance === 0) close()
        else entry(distance)
      }
      if (hasEnded && offset < bytes.length) throw malformed(place, `${bytes.length - offset} bytes after its end`)
      return offset
    },
    assertEnded: () => {
      if (!hasEnded) throw malformed(place, `cut off after ${entryCount} entries`)
    },
  }
}

function bitsOf(mask: number): number {
  let bits = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1
  return bits
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(before.length + after.length)
  bytes.set(before)
  bytes.set(after, before.length)
  return bytes
}

function malformed(place: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}
