import { invariant } from '../../errors/invariant.ts'
import { CI_UNIT } from '../../statistics/Activity.ts'
import { firingBand } from '../../statistics/firingBand.ts'
import { JACKKNIFE_BLOCKS } from '../../statistics/HarvestSettings.ts'
import { CONCENTRATION_TOKENS, isHighConcentration } from '../../statistics/highConcentration.ts'
import { jackknifeError } from '../../statistics/jackknife.ts'
import { type ModuleShares, moduleShares } from '../../statistics/moduleShares.ts'
import { rankByCount } from '../../statistics/rankByCount.ts'
import { rarefiedUniqueTokens } from '../../statistics/rarefiedUniqueTokens.ts'
import { SPECIALISATION_CLASSES, subcomponentClass } from '../../statistics/subcomponentClass.ts'
import { type TokenCount, type TokenCounts, topTokens, totalCount } from '../../statistics/TokenCounts.ts'
import type { SqlValue } from '../IndexDatabase.ts'
import type { SubcomponentRow } from '../querySubcomponent.ts'
import type { SourceModule } from './IndexSource.ts'

/** A subcomponent's statistics, as the summary holds them. */
export interface SubcomponentSummary extends Omit<SubcomponentRow, 'moduleId' | 'sampledCount'> {
  /** The ten most frequent. */
  readonly topTokens: readonly TokenCount[]
}

/** Steps of the rarefied unique tokens, so that few of a number's bytes differ from 0. */
const RAREFIED_STEP = 2 ** -8

/** The statistics of a module's subcomponents over `positionCount` positions, in order of their numbers. */
export function summariseSubcomponents(
  module: SourceModule,
  { tokenCounts, ciSums }: { readonly tokenCounts: readonly TokenCounts[]; readonly ciSums: Float64Array },
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
    const rarefied = rarefiedUniqueTokens(counts)
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
      rarefiedUniqueTokens: rarefied && Math.round(rarefied / RAREFIED_STEP) * RAREFIED_STEP,
      topTokens: top,
    }
  })
}

function meanOf(ciSum: number, positionCount: number): number | null {
  return Number.isNaN(ciSum) ? null : (ciSum * CI_UNIT) / positionCount
}

/** What each block of stories adds to a module's counts. */
export interface BlockParts {
  /** uint32[C, JACKKNIFE_BLOCKS]: unique tokens that only the block has. */
  readonly lostTokens: Uint32Array
  /** uint32[C, JACKKNIFE_BLOCKS]: firings of the block; null where they are not known at this threshold. */
  readonly blockCounts: Uint32Array | null
  /** float64[JACKKNIFE_BLOCKS] */
  readonly blockPositions: Float64Array
}

/** A module's row of the summary, with standard errors where `blocks` of stories are known. */
export function summariseModule(
  module: SourceModule,
  moduleId: number,
  subcomponents: readonly SubcomponentSummary[],
  positionCount: number,
  blocks: BlockParts | null,
): Record<string, SqlValue> {
  const uniqueTokens = subcomponents.map((subcomponent) => subcomponent.uniqueTokens)
  const activationCounts = subcomponents.map(({ activationCount }) => activationCount)
  const inBand = (band: string): number => activationCounts.filter((count) => firingBand(count) === band).length
  const classCounts = SPECIALISATION_CLASSES.map(({ name }) => [
    name,
    subcomponents.filter((subcomponent) => subcomponent.class === name).length,
  ])
  const shares = moduleShares(uniqueTokens, activationCounts, positionCount)
  invariant(shares.meanL0 !== null, 'activation counts give a mean L0')
  return {
    module_id: moduleId,
    module: module.path,
    layer: module.layer,
    kind: module.kind,
    c: module.C,
    active: module.C - inBand('dead'),
    dead: inBand('dead'),
    rare: inBand('rare'),
    frequent: inBand('frequent'),
    ...Object.fromEntries(classCounts),
    median_unique_tokens: shares.medianUniqueTokens,
    mean_l0: shares.meanL0,
    bimodality: shares.bimodality,
    ...(blocks && standardErrors(uniqueTokens, activationCounts, positionCount, blocks)),
  }
}

function standardErrors(
  uniqueTokens: readonly number[],
  activationCounts: readonly number[],
  positionCount: number,
  { lostTokens, blockCounts, blockPositions }: BlockParts,
): Record<string, SqlValue> {
  const without = Array.from({ length: JACKKNIFE_BLOCKS }, (_, block) => {
    const slot = (c: number): number => c * JACKKNIFE_BLOCKS + block
    return moduleShares(
      uniqueTokens.map((count, c) => count - (lostTokens[slot(c)] ?? 0)),
      blockCounts && activationCounts.map((count, c) => count - (blockCounts[slot(c)] ?? 0)),
      positionCount - (blockPositions[block] ?? 0),
    )
  })
  const errorOf = (read: (shares: ModuleShares) => number | null): number | null => jackknifeError(without.map(read))
  return {
    dead_se: errorOf(({ bands }) => bands.dead),
    rare_se: errorOf(({ bands }) => bands.rare),
    frequent_se: errorOf(({ bands }) => bands.frequent),
    ...Object.fromEntries(
      SPECIALISATION_CLASSES.map(({ name }) => [`${name}_se`, errorOf(({ classes }) => classes[name])]),
    ),
    median_unique_tokens_se: errorOf((shares) => shares.medianUniqueTokens),
    mean_l0_se: errorOf(({ meanL0 }) => meanL0),
    bimodality_se: errorOf(({ bimodality }) => bimodality),
  }
}
