import { AtlasError } from '../errors/AtlasError.ts'
import type { CoFiringPartner } from '../statistics/CoFiringPartner.ts'
import { decodeVarints, encodeVarints } from './varints.ts'

/**
 * Subcomponents, by address, and a count of each as varints: for each module with any its module_id, how many, their
 * numbers each as its distance from the one before (the first from −1) less 1, their counts less 1.
 */
export function encodeAddressCounts(entries: readonly CoFiringPartner[]): Uint8Array {
  const sorted = entries.toSorted((a, b) => a.moduleId - b.moduleId || a.subcomponent - b.subcomponent)
  const modules = [...new Set(sorted.map(({ moduleId }) => moduleId))]
  return encodeVarints(
    modules.flatMap((moduleId) => {
      const own = sorted.filter((entry) => entry.moduleId === moduleId)
      const distances = own.map(({ subcomponent }, i) => subcomponent - (own[i - 1]?.subcomponent ?? -1) - 1)
      return [moduleId, own.length, ...distances, ...own.map(({ count }) => count - 1)]
    }),
  )
}

/** The entries of a blob of `encodeAddressCounts`, by address; `place` names it in messages. */
export function decodeAddressCounts(blob: Uint8Array, place: string): CoFiringPartner[] {
  const numbers = decodeVarints(blob, place)
  const entries: CoFiringPartner[] = []
  for (let at = 0; at < numbers.length; ) {
    const moduleId = numbers[at] ?? 0
    const length = numbers[at + 1] ?? 0
    const end = at + 2 + 2 * length
    if (length === 0 || end > numbers.length) throw new AtlasError('bundle/corrupt', `${place}: cut off`)
    let subcomponent = -1
    for (let i = at + 2; i < at + 2 + length; i++) {
      subcomponent += (numbers[i] ?? 0) + 1
      entries.push({ moduleId, subcomponent, count: (numbers[i + length] ?? 0) + 1 })
    }
    at = end
  }
  return entries
}
