import { assertFiringShape, createRunWriter, type FiringShape } from './firingRun.ts'

/**
 * Adds up the firings of one module by (subcomponent, token, bin) in a hash table of fixed size: 16 bytes a slot. Once
 * it is 70 % full its entries are handed out as a sorted run, and it starts afresh: memory does not grow with the corpus.
 */
export interface FiringCountTable {
  /** A firing of subcomponent `c` on a token in bin 1 to G, in a story of jackknife block `block`. */
  add(c: number, tokenId: number, bin: number, block: number): void
  /** Hands out what is left, if anything is. */
  drain(): void
}

/** Slots, unless told otherwise: 2 MB a module. */
const CAPACITY = 2 ** 17
const FILL = 0.7

/** 32-bit words of a slot: subcomponent and bin, token, count (0 where free), mask of blocks. */
const WORDS = 4

interface TableOptions {
  readonly shape: FiringShape
  /** uint32[C, G], to which each run's counts are added. */
  readonly binCounts: Uint32Array
  /** A power of two. */
  readonly capacity?: number
  readonly onRun: (bytes: Uint8Array<ArrayBuffer>) => void
}

/** An empty table. */
export function createFiringCountTable({
  shape,
  binCounts,
  capacity = CAPACITY,
  onRun,
}: TableOptions): FiringCountTable {
  assertFiringShape(shape, 'firing counts')
  const slots = new Uint32Array(capacity * WORDS)
  const limit = Math.floor(capacity * FILL)
  const last = capacity - 1
  let size = 0

  const drain = (): void => {
    if (size === 0) return
    onRun(runOf(slots, size, shape, binCounts))
    slots.fill(0)
    size = 0
  }
  return {
    add: (c, tokenId, bin, block) => {
      const owner = (c << 8) | bin
      let slot = slotHash(owner, tokenId) & last
      for (;;) {
        const i = slot * WORDS
        const count = slots[i + 2] ?? 0
        if (count === 0) break
        if (slots[i] === owner && slots[i + 1] === tokenId) {
          slots[i + 2] = count + 1
          slots[i + 3] = (slots[i + 3] ?? 0) | (1 << block)
          return
        }
        slot = (slot + 1) & last
      }
      const i = slot * WORDS
      slots[i] = owner
      slots[i + 1] = tokenId
      slots[i + 2] = 1
      slots[i + 3] = 1 << block
      size += 1
      if (size >= limit) drain()
    },
    drain,
  }
}

function slotHash(owner: number, tokenId: number): number {
  const mixed = Math.imul(owner ^ Math.imul(tokenId, 0x9e3779b1), 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

/** The entries of a table as a run; their counts are added to `binCounts`. */
function runOf(slots: Uint32Array, size: number, shape: FiringShape, binCounts: Uint32Array): Uint8Array<ArrayBuffer> {
  const { vocabularySize, levelCount, C } = shape
  const { order, ends } = sortedSlots(slots, size, C)
  const capacity = slots.length / WORDS
  const writer = createRunWriter(shape)
  let start = 0
  for (let c = 0; c < C; c++) {
    const end = ends[c] ?? start
    const first = c * vocabularySize
    for (let i = start; i < end; i++) {
      const at = ((order[i] ?? 0) % capacity) * WORDS
      const bin = (slots[at] ?? 0) & 255
      const count = slots[at + 2] ?? 0
      const cell = c * levelCount + bin - 1
      binCounts[cell] = (binCounts[cell] ?? 0) + count
      writer.add((first + (slots[at + 1] ?? 0)) * levelCount + bin - 1, count, slots[at + 3] ?? 0)
    }
    start = end
  }
  writer.end()
  return writer.take()
}

/** Slots in use by subcomponent, then token, then bin: (token · 256 + bin) · capacity + slot, below 2⁵³ for 2²¹ slots. */
function sortedSlots(
  slots: Uint32Array,
  size: number,
  C: number,
): { readonly order: Float64Array; readonly ends: Uint32Array } {
  const capacity = slots.length / WORDS
  const ends = new Uint32Array(C + 1)
  for (let i = 0; i < slots.length; i += WORDS) {
    if (slots[i + 2] === 0) continue
    const c = (slots[i] ?? 0) >>> 8
    ends[c + 1] = (ends[c + 1] ?? 0) + 1
  }
  for (let c = 0; c < C; c++) ends[c + 1] = (ends[c + 1] ?? 0) + (ends[c] ?? 0)
  // Until here each holds the start of its subcomponent; filling moves it to the end.
  const order = new Float64Array(size)
  for (let slot = 0, i = 0; slot < capacity; slot++, i += WORDS) {
    if (slots[i + 2] === 0) continue
    const owner = slots[i] ?? 0
    const at = ends[owner >>> 8] ?? 0
    order[at] = ((slots[i + 1] ?? 0) * 256 + (owner & 255)) * capacity + slot
    ends[owner >>> 8] = at + 1
  }
  let start = 0
  for (let c = 0; c < C; c++) {
    const end = ends[c] ?? start
    if (end - start > 1) order.subarray(start, end).sort()
    start = end
  }
  return { order, ends }
}
