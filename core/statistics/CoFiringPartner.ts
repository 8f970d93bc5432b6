/** Another subcomponent and how often it is active together with the one at hand. */
export interface CoFiringPartner {
  /** Index of its module, in order of execution. */
  readonly moduleId: number
  readonly subcomponent: number
  /** n, positions where both are active, at least 1. */
  readonly count: number
}
