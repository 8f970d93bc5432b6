import { encodeLevel, joinLevels, type LevelColumns } from '../columns/levelColumns.ts'
import type { SqlEngine } from '../IndexDatabase.ts'
import { L0_BY_POSITION_SCHEMA, LEVEL_SCHEMA, MODULE_SCHEMA } from '../indexSchema.ts'
import type { SubcomponentSummary } from './summariseModule.ts'
import { type IndexWriter, openIndexWriter } from './writeIndexFile.ts'

/** The file of one threshold, filled a module at a time. */
export interface LevelTables {
  readonly level: number
  readonly threshold: number
  readonly isRunThreshold: boolean
  readonly writer: IndexWriter
  /** Of each module so far, how its subcomponents differ from those of the summary; none where this is the summary. */
  readonly differences: LevelColumns[]
}

/** Opens the file of a level that is not the run's. */
export function openLevelFile(engine: SqlEngine, hasPositions: boolean): IndexWriter {
  return openIndexWriter(engine, MODULE_SCHEMA + LEVEL_SCHEMA + (hasPositions ? L0_BY_POSITION_SCHEMA : ''))
}

/** Adds a module's subcomponents; `sampledCount` gives their firings on the sampled positions, null where not known. */
export function insertSubcomponents(
  writer: IndexWriter,
  moduleId: number,
  summaries: readonly SubcomponentSummary[],
  sampledCount: (subcomponent: number) => number | null,
): void {
  writer.insert(
    'subcomponent',
    summaries.map((summary) => ({
      module_id: moduleId,
      subcomponent: summary.subcomponent,
      activation_count: summary.activationCount,
      unique_tokens: summary.uniqueTokens,
      class: summary.class,
      mean_ci: summary.meanCi,
      firing_density: summary.firingDensity,
      top10_count: summary.top10Count,
      high_concentration: summary.isHighConcentration ? 1 : 0,
      rank: summary.rank,
      write_norm: summary.writeNorm,
      rarefied_unique_tokens: summary.rarefiedUniqueTokens,
      sampled_count: sampledCount(summary.subcomponent),
    })),
  )
  writer.insert(
    'top_token',
    summaries.flatMap(({ subcomponent, topTokens }) =>
      topTokens.map(({ tokenId, count }, i) => ({
        module_id: moduleId,
        subcomponent,
        rank: i + 1,
        token_id: tokenId,
        count,
      })),
    ),
  )
}

/** Adds how a module's subcomponents at a level differ from those at the run's threshold; `ranks` are tokens' frequency ranks. */
export function addDifferences(
  { differences }: LevelTables,
  summaries: readonly SubcomponentSummary[],
  ofRun: readonly SubcomponentSummary[],
  ranks: Uint32Array,
): void {
  const numbersOf = ({ activationCount, uniqueTokens, rarefiedUniqueTokens, topTokens }: SubcomponentSummary) => ({
    activationCount,
    uniqueTokens,
    rarefiedUniqueTokens,
    top: topTokens.map(({ tokenId, count }) => ({ rank: ranks[tokenId] ?? 0, count })),
  })
  differences.push(encodeLevel(summaries.map(numbersOf), ofRun.map(numbersOf)))
}

/** The finished file of a level, `runThreshold` being the summary's. */
export function finishLevelFile({ writer, threshold, differences }: LevelTables, runThreshold: number): Uint8Array {
  writer.insert('difference', [{ sign: threshold < runThreshold ? 1 : -1, ...joinLevels(differences) }])
  return writer.finish()
}

/** Adds a module's L0 at each position that a story reaches, of `levelCount` levels at `level`. */
export function insertL0ByPosition(
  writer: IndexWriter,
  moduleId: number,
  { l0ByPosition, storiesByPosition }: { readonly l0ByPosition: Float64Array; readonly storiesByPosition: Uint32Array },
  { level, levelCount }: { readonly level: number; readonly levelCount: number },
): void {
  const rows = Array.from(storiesByPosition, (stories, position) => {
    // Bins start at 1 and stand one further left; active at the level are those of a bin above it.
    const bins = l0ByPosition.subarray(position * levelCount + level, (position + 1) * levelCount)
    return { module_id: moduleId, position, stories, firings: bins.reduce((sum, count) => sum + count, 0) }
  })
  writer.insert(
    'l0_by_position',
    rows.filter(({ stories }) => stories > 0),
  )
}
