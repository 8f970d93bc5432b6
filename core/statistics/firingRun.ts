import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'

/*
 * A run: firing counts of one module in ascending order of (subcomponent, token, bin), as bytes. "SPDR" and the version
 * of the layout; C, vocabulary and G as varints; then of each entry, as varints, how far its key stands from the one
 * before it (the first from −1), its count, and its blocks: the one block's number where the count is 1, else the mask;
 * at the end 0 and the number of entries.
 */

/** "SPDR", then the version of the layout. */
export const RUN_MAGIC = [0x53, 0x50, 0x44, 0x52, 2] as const

/** Most bytes an entry has: a distance below 2⁵³, a count below 2³², a mask below 2¹⁶. */
export const MAX_ENTRY_BYTES = 8 + 5 + 3

/** What the keys of a run are made of. */
export interface FiringShape {
  /** At most MAX_SUBCOMPONENTS. */
  readonly C: number
  /** At most MAX_VOCABULARY. */
  readonly vocabularySize: number
  /** G, at most 255. */
  readonly levelCount: number
}

/** So that every key lies below 2⁵³. */
export const MAX_SUBCOMPONENTS = 2 ** 20
export const MAX_VOCABULARY = 2 ** 24
export const MAX_LEVELS = 255

/** Bits of a bin, 0 to G. */
export function binBitsOf({ levelCount }: Pick<FiringShape, 'levelCount'>): number {
  return 32 - Math.clz32(levelCount)
}

/** Where (subcomponent, token, bin) stands in the order of a run, a whole number below 2⁵³. */
export function firingKey(
  { vocabularySize, levelCount }: FiringShape,
  c: number,
  tokenId: number,
  bin: number,
): number {
  return (c * vocabularySize + tokenId) * levelCount + bin - 1
}

/** Refuses (format/too-large) what keys cannot be made of. */
export function assertFiringShape({ C, vocabularySize, levelCount }: FiringShape, place: string): void {
  if (C <= MAX_SUBCOMPONENTS && vocabularySize <= MAX_VOCABULARY && levelCount <= MAX_LEVELS) return
  throw new AtlasError(
    'format/too-large',
    `${place}: ${C} subcomponents, ${vocabularySize} tokens, ${levelCount} levels, ` +
      `at most ${MAX_SUBCOMPONENTS}, ${MAX_VOCABULARY}, ${MAX_LEVELS} are counted`,
  )
}

/** Writes a run piece by piece. */
export interface RunWriter {
  /** Adds an entry, whose key must be greater than the one before it. */
  add(key: number, count: number, blocks: number): void
  /** Bytes gathered since they were last taken. */
  readonly byteLength: number
  /** Those bytes, copied. */
  take(): Uint8Array<ArrayBuffer>
  /** Ends the run; the last bytes are still to be taken. */
  end(): void
}

/** A writer of a run of `shape`. */
export function createRunWriter({ C, vocabularySize, levelCount }: FiringShape): RunWriter {
  let bytes = new Uint8Array(1024)
  let offset = 0
  let entryCount = 0
  let before = -1
  const reserve = (): void => {
    if (offset + MAX_ENTRY_BYTES <= bytes.length) return
    const larger = new Uint8Array(2 * bytes.length)
    larger.set(bytes)
    bytes = larger
  }
  const put = (value: number): void => {
    offset = putVarint(bytes, offset, value)
  }
  for (const byte of RUN_MAGIC) put(byte)
  for (const size of [C, vocabularySize, levelCount]) put(size)
  return {
    add: (key, count, blocks) => {
      // Messages cost more than entries do, and are made only where they are needed.
      if (!(key > before && count > 0)) invariant(false, `run: key ${key} after ${before} with count ${count}`)
      reserve()
      const next = putVarint(bytes, putVarint(bytes, offset, key - before), count)
      offset = putVarint(bytes, next, count === 1 ? 31 - Math.clz32(blocks) : blocks)
      before = key
      entryCount += 1
    },
    get byteLength() {
      return offset
    },
    take: () => {
      const taken = bytes.slice(0, offset)
      offset = 0
      return taken
    },
    end: () => {
      reserve()
      put(0)
      put(entryCount)
    },
  }
}

/** Writes a whole number below 2⁵³ at `offset`, seven bits a byte, lowest first; returns where it ends. */
export function putVarint(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128
  for (; rest > 127; rest >>>= 7) bytes[at++] = (rest & 127) | 128
  bytes[at] = rest
  return at + 1
}
