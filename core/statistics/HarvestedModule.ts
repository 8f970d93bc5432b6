import type { ModuleActivity } from './Activity.ts'
import type { FiringCounts } from './FiringCounts.ts'

/** All that a harvest found of one module's C subcomponents. */
export interface HarvestedModule {
  readonly activity: ModuleActivity
  readonly counts: FiringCounts
}
