/** Most positions a rare subcomponent is active at. */
export const MAX_RARE_COUNT = 100

export type FiringBand = 'dead' | 'rare' | 'frequent'

/** Band of a subcomponent active at `activationCount` positions: 0 is dead, 1 to 100 rare, more frequent. */
export function firingBand(activationCount: number): FiringBand {
  if (activationCount === 0) return 'dead'
  return activationCount <= MAX_RARE_COUNT ? 'rare' : 'frequent'
}
