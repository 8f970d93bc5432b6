import type { ByteSource } from '../bytes/ByteSource.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { createRunWriter, type FiringShape, type RunWriter } from './firingRun.ts'
import { type RunStripe, readRun } from './readRun.ts'

/** Bytes of all runs together that are in memory at a time, some seven times as many decoded; a run has at least 4 KB. */
const BUDGET = 8 * 2 ** 20
const LEAST_STRIPE = 4 * 1024
const LARGEST_STRIPE = 64 * 1024

/** Bytes of the merged run that are handed out at a time. */
const CHUNK_BYTES = 64 * 1024

/** The `runs` as one, counts of equal keys added and blocks united; in pieces, so that memory does not grow with them. */
export async function* mergeRuns(
  runs: readonly ByteSource[],
  shape: FiringShape,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const stripeBytes = Math.max(LEAST_STRIPE, Math.min(LARGEST_STRIPE, Math.floor(BUDGET / Math.max(1, runs.length))))
  const heap: Cursor[] = []
  for (const run of runs) await push(heap, readRun(run, shape, stripeBytes))
  const writer = createRunWriter(shape)
  const gathered = { key: -1, count: 0, blocks: 0 }
  while (heap.length > 0) {
    const exhausted = mergeStripes(heap, gathered, writer)
    if (exhausted !== null) await push(heap, exhausted.stripes)
    if (writer.byteLength >= CHUNK_BYTES) yield writer.take()
  }
  hand(gathered, writer)
  writer.end()
  yield writer.take()
}

/** A run and where in it the merge stands. */
interface Cursor {
  readonly stripes: AsyncGenerator<RunStripe>
  readonly stripe: RunStripe
  index: number
  key: number
}

/** What has been added up of the key that is least. */
interface Gathered {
  key: number
  count: number
  blocks: number
}

/** Puts a run with its next stripe into the heap, if there is one. */
async function push(heap: Cursor[], stripes: AsyncGenerator<RunStripe>): Promise<void> {
  const { done, value } = await stripes.next()
  if (done === true) return
  const cursor = { stripes, stripe: value, index: 0, key: value.keys[0] ?? 0 }
  let at = heap.length
  for (; at > 0; at = (at - 1) >> 1) {
    const parent = heap[(at - 1) >> 1]
    if (parent === undefined || parent.key <= cursor.key) break
    heap[at] = parent
  }
  heap[at] = cursor
}

/** Merges until a stripe is used up, whose run leaves the heap and is returned, or a chunk is full, which is null. */
function mergeStripes(heap: Cursor[], gathered: Gathered, writer: RunWriter): Cursor | null {
  for (;;) {
    const least = heap[0]
    if (least === undefined || writer.byteLength >= CHUNK_BYTES) return null
    const { stripe, index } = least
    if (least.key !== gathered.key) {
      hand(gathered, writer)
      gathered.key = least.key
      gathered.count = 0
      gathered.blocks = 0
    }
    gathered.count += stripe.counts[index] ?? 0
    gathered.blocks |= stripe.blocks[index] ?? 0
    least.index = index + 1
    if (least.index === stripe.length) {
      const last = heap.pop()
      if (last !== undefined && last !== least) settle(heap, last)
      return least
    }
    least.key = stripe.keys[least.index] ?? 0
    settle(heap, least)
  }
}

/** Lets `cursor`, which stands in for the heap's top, sink to its place. */
function settle(heap: Cursor[], cursor: Cursor): void {
  const { key } = cursor
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    let least = heap[child]
    if (least === undefined) break
    const right = heap[child + 1]
    if (right !== undefined && right.key < least.key) {
      least = right
      child += 1
    }
    if (least.key >= key) break
    heap[at] = least
    at = child
  }
  heap[at] = cursor
}

function hand({ key, count, blocks }: Gathered, writer: RunWriter): void {
  if (count === 0) return
  if (count >= 2 ** 32)
    throw new AtlasError('format/too-large', `firing counts: ${count} firings of one key, below 2^32`)
  writer.add(key, count, blocks)
}
