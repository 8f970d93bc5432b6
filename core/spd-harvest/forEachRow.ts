import type { StripedTensor } from '../pytorch/readPytorchRecord.ts'

/** Bytes of float64 numbers in memory at a time, besides as many as they were read from. */
export const STRIPE_BYTES = 2 ** 24

/**
 * Reads rows `start` to `end` of `tensor`, a stripe of at most STRIPE_BYTES (at least a row) at a time, and hands each
 * to `visit`, which may not keep it. A stripe of which no row is wanted is not read.
 */
export async function forEachRow(
  tensor: StripedTensor,
  start: number,
  end: number,
  isWanted: (row: number) => boolean,
  visit: (row: number, numbers: Float64Array) => void,
): Promise<void> {
  const { rowLength } = tensor
  const stripeRows = Math.max(1, Math.floor(STRIPE_BYTES / (8 * rowLength)))
  for (let first = start; first < end; first += stripeRows) {
    const last = Math.min(first + stripeRows, end)
    const wanted: number[] = []
    for (let row = first; row < last; row++) if (isWanted(row)) wanted.push(row)
    if (wanted.length === 0) continue
    const stripe = await tensor.readRows(first, last)
    for (const row of wanted) visit(row, stripe.subarray((row - first) * rowLength, (row - first + 1) * rowLength))
  }
}
