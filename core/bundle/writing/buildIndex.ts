import { invariant } from '../../errors/invariant.ts'
import { countsAtLevel, type LevelCounts } from '../../statistics/countsAtLevel.ts'
import { SampleCounts } from '../../statistics/SampleCounts.ts'
import { startsOf } from '../columns/expectLength.ts'
import type { SqlEngine, SqlValue } from '../IndexDatabase.ts'
import {
  CATEGORY_SCHEMA,
  L0_BY_POSITION_SCHEMA,
  OUTPUT_TOTAL_SCHEMA,
  SAMPLE_SCHEMA,
  SUMMARY_SCHEMA,
} from '../indexSchema.ts'
import { frequencyRanks } from '../tokenRanks.ts'
import { buildDetails } from './buildDetails.ts'
import { buildStories } from './buildStories.ts'
import {
  categoriseTokens,
  categoryRows,
  categoryShareRows,
  type TokenCategories,
  tokenCategoryColumns,
} from './categoryRows.ts'
import type { IndexFile } from './IndexFile.ts'
import type { ExampleStory, IndexSource, SourceActivity, SourceModule } from './IndexSource.ts'
import {
  addDifferences,
  finishLevelFile,
  insertL0ByPosition,
  insertSubcomponents,
  type LevelTables,
  openLevelFile,
} from './LevelTables.ts'
import { type SubcomponentSummary, summariseModule, summariseSubcomponents } from './summariseModule.ts'
import { TokenIndex } from './TokenIndex.ts'
import { openIndexWriter } from './writeIndexFile.ts'

type SqlRow = Record<string, SqlValue>

/** What is filled while the modules come by, one after the other. */
interface Building {
  readonly engine: SqlEngine
  readonly source: IndexSource
  /** Ascending by threshold; the run's own is the summary. */
  readonly levels: readonly LevelTables[]
  readonly tokens: TokenIndex
  readonly categories: TokenCategories | null
  /** uint32[vocabulary]: the frequency rank of each token. */
  readonly ranks: Uint32Array
  /** Subcomponents that stand before each module's. */
  readonly moduleStarts: Float64Array
  /** null where co-firing and output tokens are not counted on a sample. */
  readonly sample: SampleCounts | null
}

/** Every file of the index of `source`, one at a time: detail, stories, tokens, levels, and the summary last. */
export async function* buildIndex(engine: SqlEngine, source: IndexSource): AsyncGenerator<IndexFile> {
  const building = openBuilding(engine, source)
  try {
    for (const [moduleId, module] of source.modules.entries()) {
      const activity = await module.readActivity()
      addModule(building, moduleId, module, activity)
      const { sample, ranks, moduleStarts } = building
      yield* buildDetails(engine, { moduleId, module, activity, source, sample, ranks, moduleStarts })
    }
    yield* buildStories(engine, source.stories)
    yield* building.tokens.files(engine)
    for (const tables of building.levels) {
      const { threshold, isRunThreshold } = tables
      if (isRunThreshold) continue
      const bytes = finishLevelFile(tables, source.threshold)
      yield { path: `index/level-${threshold}.sqlite`, bytes, content: { kind: 'level', threshold } }
    }
    const summary = summaryOf(building).writer
    fillSummary(summary, building)
    yield { path: 'index/summary.sqlite', bytes: summary.finish(), content: { kind: 'summary' } }
  } finally {
    for (const { writer } of building.levels) writer.close()
  }
}

function openBuilding(engine: SqlEngine, source: IndexSource): Building {
  const { threshold, levels = [threshold], modules, tokens } = source
  invariant(levels.includes(threshold), `threshold ${threshold} is none of the levels ${levels.join(', ')}`)
  const categories = categoriseTokens(source)
  const hasPositions = source.storiesByPosition !== undefined
  return {
    engine,
    source,
    categories,
    ranks: frequencyRanks(tokens, source.occurrences),
    moduleStarts: startsOf(modules.map(({ C }) => C)),
    levels: levels.map((value, level) => {
      const isRunThreshold = value === threshold
      const writer = isRunThreshold
        ? openIndexWriter(engine, summarySchema(source, categories))
        : openLevelFile(engine, hasPositions)
      return { level, threshold: value, isRunThreshold, writer, differences: [] }
    }),
    tokens: new TokenIndex(tokens.length, levels.length, levels.indexOf(threshold)),
    sample:
      source.sample === undefined
        ? null
        : new SampleCounts(
            source.sample.positions,
            modules.map(({ C }) => C),
            tokens.length,
          ),
  }
}

/** The tables of what is known. */
function summarySchema(source: IndexSource, categories: TokenCategories | null): string {
  const hasOutputs = source.outputTotals !== undefined || source.sample !== undefined
  return [
    SUMMARY_SCHEMA,
    source.storiesByPosition && L0_BY_POSITION_SCHEMA,
    categories && CATEGORY_SCHEMA,
    source.sample && SAMPLE_SCHEMA,
    hasOutputs ? OUTPUT_TOTAL_SCHEMA : '',
  ].join('')
}

function summaryOf({ levels }: Building): LevelTables {
  const summary = levels.find(({ isRunThreshold }) => isRunThreshold)
  invariant(summary !== undefined, 'no level is the run’s')
  return summary
}

function addModule(building: Building, moduleId: number, module: SourceModule, activity: SourceActivity): void {
  building.tokens.addModule(activity.tokenCounts)
  const context = { moduleId, module, activity }
  // The summary's level first: the others are told by their differences from it.
  const ofRun = addLevel(building, summaryOf(building), context)
  for (const tables of building.levels) {
    if (tables.isRunThreshold) continue
    addDifferences(tables, addLevel(building, tables, context), ofRun, building.ranks)
  }
}

interface ModuleContext {
  readonly moduleId: number
  readonly module: SourceModule
  readonly activity: SourceActivity
}

/** The statistics of a module's subcomponents at a level. */
function addLevel(
  building: Building,
  tables: LevelTables,
  { moduleId, module, activity }: ModuleContext,
): SubcomponentSummary[] {
  const { source, tokens, sample, categories, levels } = building
  const { level, isRunThreshold, writer } = tables
  const counts = levelCounts(activity, tables)
  const { ciSums, blockCounts } = activity
  const summaries = summariseSubcomponents(module, { ...counts, ciSums }, source.positionCount)
  const blocks = counts.lostTokens &&
    source.blockPositions && {
      lostTokens: counts.lostTokens,
      blockCounts: (isRunThreshold && blockCounts) || null,
      blockPositions: source.blockPositions,
    }
  writer.insert('module', [summariseModule(module, moduleId, summaries, source.positionCount, blocks ?? null)])
  tokens.addLevel(level, counts.tokenCounts)
  if (activity.l0ByPosition !== undefined && source.storiesByPosition !== undefined) {
    const positions = { l0ByPosition: activity.l0ByPosition, storiesByPosition: source.storiesByPosition }
    insertL0ByPosition(writer, moduleId, positions, { level, levelCount: levels.length })
  }
  if (!isRunThreshold) return summaries
  insertSubcomponents(writer, moduleId, summaries, (c) => sample?.firings(moduleId, c) ?? null)
  if (categories === null) return summaries
  const isHigh = summaries.map(({ isHighConcentration }) => isHighConcentration)
  writer.insert('category_share', categoryShareRows(categories, moduleId, counts.tokenCounts, isHigh))
  return summaries
}

function levelCounts(
  { firingCounts, tokenCounts }: SourceActivity,
  { level, isRunThreshold }: LevelTables,
): Pick<LevelCounts, 'tokenCounts'> & Partial<LevelCounts> {
  if (firingCounts !== undefined) return countsAtLevel(firingCounts, level)
  invariant(isRunThreshold, 'a module has no counts at other levels')
  return { tokenCounts }
}

function fillSummary(writer: LevelTables['writer'], { source, levels, categories, sample }: Building): void {
  writer.insert(
    'level',
    levels.map(({ level, threshold }) => ({ level, threshold })),
  )
  writer.insert('token', tokenRows(source, categories))
  if (categories !== null) writer.insert('category', categoryRows(categories))
  if (source.sample !== undefined) {
    const { drawn, positions } = source.sample
    writer.insert('sample', [{ positions: positions.rowCount, drawn }])
  }
  writer.insert('output_total', outputTotalRows(source, sample?.outputTotals ?? source.outputTotals))
  writer.insert('example_story', source.exampleStories.map(exampleStoryRow))
}

/** Every token of the vocabulary, those that do not occur too; rows that only pad the embedding are left out. */
function tokenRows({ tokens, occurrences }: IndexSource, categories: TokenCategories | null): SqlRow[] {
  return tokens.flatMap((token, tokenId) => {
    const count = occurrences[tokenId] ?? 0
    invariant(token !== null || count === 0, `token ${tokenId} occurs and has no text`)
    if (token === null) return []
    return [{ token_id: tokenId, token, occurrences: count, ...tokenCategoryColumns(categories, tokenId) }]
  })
}

function outputTotalRows({ tokens }: IndexSource, totals: Float64Array | undefined): SqlRow[] {
  return tokens.flatMap((token, tokenId) => {
    const mass = totals?.[tokenId]
    return token === null || mass === undefined ? [] : [{ token_id: tokenId, mass }]
  })
}

/** Words of a story's title: its first ones. */
const TITLE_WORDS = 6

function exampleStoryRow({ story, text }: ExampleStory, i: number): SqlRow {
  const words = text.trim().split(/\s+/)
  const title = words.slice(0, TITLE_WORDS).join(' ') + (words.length > TITLE_WORDS ? ' …' : '')
  return { rank: i + 1, story, title, text }
}
