import { AtlasError } from '../errors/AtlasError.ts'
import type { ActivationContexts } from './ActivationContexts.ts'
import type { CoFiringMatrix } from './readCoFirings.ts'
import type { TokenStats } from './readTokenStats.ts'

/** A harvest of the spd package, opened: vectors in memory, matrices and examples on disk. */
export interface SpdHarvest {
  readonly stats: TokenStats
  /** null where the harvest was made without. */
  readonly coFirings: CoFiringMatrix | null
  readonly contexts: ActivationContexts
}

/** The harvest of three parts; contexts that speak of another number of subcomponents than fire are refused. */
export function joinSpdHarvest(
  stats: TokenStats,
  coFirings: CoFiringMatrix | null,
  contexts: ActivationContexts,
): SpdHarvest {
  const active = stats.firingCounts.reduce((count, firings) => count + (firings > 0 ? 1 : 0), 0)
  const found = contexts.subcomponentCount
  if (found === null || found === active) return { stats, coFirings, contexts }
  throw new AtlasError(
    'format/malformed',
    `${contexts.name}: has ${found} subcomponents, ${active} fire in the token statistics`,
  )
}
