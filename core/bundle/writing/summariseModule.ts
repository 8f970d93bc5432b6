import { invariant } from '../../errors/invariant.ts'
import { CI_UNIT } from '../../statistics/Activity.ts'
import { firingBand } from '../../statistics/firingBand.ts'
import { CONCENTRATION_TOKENS, isHighConcentration } from '../../statistics/highConcentration.ts'
import { median } from '../../statistics/median.ts'
import { rankByCount } from '../../statistics/rankByCount.ts'
import { SPECIALISATION_CLASSES, subcomponentClass } from '../../statistics/subcomponentClass.ts'
import { type TokenCount, topTokens, totalCount } from '../../statistics/TokenCounts.ts'
import type { SqlValue } from '../IndexDatabase.ts'
import type { SubcomponentRow } from '../querySubcomponent.ts'
import type { SourceActivity, SourceModule } from './IndexSource.ts'

/** A subcomponent's statistics, as the summary holds them. */
export interface SubcomponentSummary extends Omit<SubcomponentRow, 'moduleId'> {
  /** The ten most frequent. */
  readonly topTokens: readonly TokenCount[]
}

/** The statistics of a module's subcomponents over `positionCount` positions, in order of their numbers. */
export function summariseSubcomponents(
  module: SourceModule,
  { tokenCounts, ciSums }: SourceActivity,
  positionCount: number,
): SubcomponentSummary[] {
  invariant(
    tokenCounts.length === module.C && module.writeNorms.length === module.C,
    `${module.path}: ${tokenCounts.length} counts and ${module.writeNorms.length} norms for ${module.C} subcomponents`,
  )
  const activationCounts = tokenCounts.map(totalCount)
  const ranks = new Map(rankByCount(activationCounts).map((subcomponent, i) => [subcomponent, i + 1]))
  return tokenCounts.map((counts, subcomponent) => {
    const activationCount = activationCounts[subcomponent] ?? 0
    const top = topTokens(counts, CONCENTRATION_TOKENS)
    const top10Count = top.reduce((sum, { count }) => sum + count, 0)
    return {
      subcomponent,
      activationCount,
      uniqueTokens: counts.counts.length,
      class: subcomponentClass(counts.counts.length),
      meanCi: meanOf(ciSums[subcomponent] ?? Number.NaN, positionCount),
      firingDensity: activationCount / positionCount,
      top10Count,
      isHighConcentration: isHighConcentration(top10Count, activationCount),
      rank: ranks.get(subcomponent) ?? null,
      writeNorm: module.writeNorms[subcomponent] ?? 0,
      topTokens: top,
    }
  })
}

function meanOf(ciSum: number, positionCount: number): number | null {
  return Number.isNaN(ciSum) ? null : (ciSum * CI_UNIT) / positionCount
}

/** A module's row of the summary. */
export function summariseModule(
  module: SourceModule,
  moduleId: number,
  subcomponents: readonly SubcomponentSummary[],
  positionCount: number,
): Record<string, SqlValue> {
  const active = subcomponents.filter(({ activationCount }) => activationCount > 0)
  const inBand = (band: string): number =>
    subcomponents.filter(({ activationCount }) => firingBand(activationCount) === band).length
  const classCounts = SPECIALISATION_CLASSES.map(({ name }) => [name, active.filter((s) => s.class === name).length])
  return {
    module_id: moduleId,
    module: module.path,
    layer: module.layer,
    kind: module.kind,
    c: module.C,
    active: active.length,
    dead: inBand('dead'),
    rare: inBand('rare'),
    frequent: inBand('frequent'),
    ...Object.fromEntries(classCounts),
    median_unique_tokens: median(active.map(({ uniqueTokens }) => uniqueTokens)),
    mean_l0: subcomponents.reduce((sum, { activationCount }) => sum + activationCount, 0) / positionCount,
  }
}
