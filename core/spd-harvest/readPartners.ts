import { AtlasError } from '../errors/AtlasError.ts'
import type { CoFiringPartner } from '../statistics/CoFiringPartner.ts'
import { productSlack } from '../statistics/countSlack.ts'
import { strongestPartners } from '../statistics/strongestPartners.ts'
import { forEachRow } from './forEachRow.ts'
import { assertSameCount } from './harvestCounts.ts'
import type { ModuleRows } from './locateModules.ts'
import type { CoFiringMatrix } from './readCoFirings.ts'

/** Partners kept of a subcomponent by each order. */
export const PARTNERS = 50

/**
 * The partners of each subcomponent of `modules[moduleId]`, all modules being in the order of the bundle: the PARTNERS
 * first by n (the order of P(d|c)), by P(c|d) (the order of PMI) and by Jaccard, together, most n first. Refuses pairs
 * that are active together more often than one of them is.
 */
export async function readPartners(
  { counts, firingCounts }: CoFiringMatrix,
  modules: readonly ModuleRows[],
  { path, start, end }: ModuleRows,
): Promise<CoFiringPartner[][]> {
  const all: CoFiringPartner[][] = Array.from({ length: end - start }, () => [])
  const isActive = (row: number): boolean => (firingCounts[row] ?? 0) > 0
  await forEachRow(counts, start, end, isActive, (row, numbers) => {
    const place = `${counts.place} of ${path}:${row - start}`
    assertSameCount(`${place} with itself`, numbers[row] ?? 0, firingCounts[row] ?? 0, '"count_i"', productSlack)
    const bounded = boundCounts(row, numbers, firingCounts, place)
    const partners = { counts: bounded, firings: firingCounts }
    all[row - start] = strongestPartners(row, partners, PARTNERS)
      .map((partner) => ({ ...addressOf(partner, modules), count: numbers[partner] ?? 0 }))
      .sort((a, b) => b.count - a.count || a.moduleId - b.moduleId || a.subcomponent - b.subcomponent)
  })
  return all
}

/**
 * Holds each count of `numbers` to the firings of the two, which it may exceed by rounding alone: in place, as the
 * stripe is ours.
 */
function boundCounts(row: number, numbers: Float64Array, firingCounts: Float64Array, place: string): Float64Array {
  const Fc = firingCounts[row] ?? 0
  for (let partner = 0; partner < numbers.length; partner++) {
    const n = numbers[partner] ?? 0
    if (n === 0) continue
    const most = Math.min(Fc, firingCounts[partner] ?? 0)
    if (!(Number.isInteger(n) && n > 0 && n <= most + productSlack(most))) {
      const finding = `holds ${n} with row ${partner}, expected at most ${most} firings`
      throw new AtlasError('format/malformed', `${place} ${finding}`)
    }
    if (n > most) numbers[partner] = most
  }
  return numbers
}

function addressOf(row: number, modules: readonly ModuleRows[]): { moduleId: number; subcomponent: number } {
  const moduleId = modules.findIndex(({ start, end }) => start <= row && row < end)
  return { moduleId, subcomponent: row - (modules[moduleId]?.start ?? 0) }
}
