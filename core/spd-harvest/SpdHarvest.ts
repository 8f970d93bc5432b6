import type { ActivationContexts } from './ActivationContexts.ts'
import type { CoFiringMatrix } from './readCoFirings.ts'
import type { TokenStats } from './readTokenStats.ts'

/** A harvest of the spd package, opened: vectors in memory, matrices and examples on disk. */
export interface SpdHarvest {
  readonly stats: TokenStats
  readonly coFirings: CoFiringMatrix
  readonly contexts: ActivationContexts
}
