import { type FiringBand, firingBand } from './firingBand.ts'
import { median } from './median.ts'
import { SPECIALISATION_CLASSES, type SpecialisationClass, subcomponentClass } from './subcomponentClass.ts'

/** A module's statistics as shares of its subcomponents, all of which the sample of stories makes uncertain. */
export interface ModuleShares {
  /** Of all subcomponents; rare and frequent null where the activation counts are not known. */
  readonly bands: Readonly<Record<FiringBand, number | null>>
  /** Of the active ones; null where none is. */
  readonly classes: Readonly<Record<SpecialisationClass, number | null>>
  /** Over the active ones; null where none is. */
  readonly medianUniqueTokens: number | null
  /** Share of the active ones with few or many unique tokens, not with 6 to 100; null where none is. */
  readonly bimodality: number | null
  /** Active subcomponents a position; null where the activation counts are not known. */
  readonly meanL0: number | null
}

/**
 * The shares of a module with `uniqueTokens` of each subcomponent, 0 where dead, and `activationCounts` over
 * `positionCount` positions; null where those are not known.
 */
export function moduleShares(
  uniqueTokens: readonly number[],
  activationCounts: ArrayLike<number> | null,
  positionCount: number,
): ModuleShares {
  const active = uniqueTokens.filter((count) => count > 0)
  const shareOfActive = (count: number): number | null => (active.length === 0 ? null : count / active.length)
  const classCounts = new Map<string, number>()
  for (const count of active) {
    const name = subcomponentClass(count)
    classCounts.set(name, (classCounts.get(name) ?? 0) + 1)
  }
  const classShare = (name: SpecialisationClass): number | null => shareOfActive(classCounts.get(name) ?? 0)
  const counts = activationCounts === null ? null : Array.from(activationCounts)
  const bandShare = (band: FiringBand): number | null =>
    counts && counts.filter((count) => firingBand(count) === band).length / uniqueTokens.length
  return {
    bands: {
      dead: 1 - active.length / uniqueTokens.length,
      rare: bandShare('rare'),
      frequent: bandShare('frequent'),
    },
    classes: {
      truly_monosemantic: classShare('truly_monosemantic'),
      highly_specialised: classShare('highly_specialised'),
      specialised: classShare('specialised'),
      moderate: classShare('moderate'),
      polysemantic: classShare('polysemantic'),
    },
    medianUniqueTokens: median(active),
    bimodality: shareOfActive(active.filter(isNarrowOrWide).length),
    meanL0: counts && counts.reduce((sum, count) => sum + count, 0) / positionCount,
  }
}

/** Whether unique tokens are 1 to 5 or more than 100, by the classes' own bounds. */
function isNarrowOrWide(uniqueTokens: number): boolean {
  const name = subcomponentClass(uniqueTokens)
  return NARROW_OR_WIDE.some((entry) => entry === name)
}

const [MONOSEMANTIC, NARROW, , , WIDE] = SPECIALISATION_CLASSES
const NARROW_OR_WIDE = [MONOSEMANTIC.name, NARROW.name, WIDE.name]
