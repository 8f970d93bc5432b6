import { detailBlockOf, type SubcomponentHistograms } from './detailBlock.ts'
import type { IndexDatabase } from './IndexDatabase.ts'

export type { SubcomponentHistograms }

/** The histograms of subcomponent `subcomponent` of a detail file; null where it is dead or the harvest had none. */
export function queryHistograms(detail: IndexDatabase, subcomponent: number): SubcomponentHistograms | null {
  const { histograms, indexOf } = detailBlockOf(detail)
  return histograms?.[indexOf(subcomponent)] ?? null
}
