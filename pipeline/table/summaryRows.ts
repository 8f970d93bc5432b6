import { queryCategories, queryCategoryShares } from '../../core/bundle/queryCategories.ts'
import { queryL0ByPosition } from '../../core/bundle/queryL0ByPosition.ts'
import { type ModuleRow, queryModules } from '../../core/bundle/queryModules.ts'
import { querySubcomponents } from '../../core/bundle/querySubcomponents.ts'
import { queryTokens } from '../../core/bundle/queryTokens.ts'
import { queryTopTokens, SUMMARY_TOP_TOKENS } from '../../core/bundle/queryTopTokens.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { SUBCOMPONENT_CLASSES } from '../../core/statistics/subcomponentClass.ts'
import type { TableRow, TableSource } from './TableRow.ts'

/** A row a module. */
export function moduleRows({ level }: TableSource): TableRow[][] {
  return [
    queryModules(level).map((row) => ({
      module: row.module,
      layer: row.layer,
      kind: row.kind,
      c: row.c,
      active: row.active,
      dead: row.dead,
      rare: row.rare,
      frequent: row.frequent,
      ...row.classCounts,
      median_unique_tokens: row.medianUniqueTokens,
      mean_l0: row.meanL0,
      bimodality: row.bimodality,
      ...errorColumns(row),
    })),
  ]
}

function errorColumns({ standardErrors: errors }: ModuleRow): TableRow {
  const classes = Object.entries(errors.classes).map(([name, error]) => [`${name}_se`, error] as const)
  return {
    dead_se: errors.dead,
    rare_se: errors.rare,
    frequent_se: errors.frequent,
    ...Object.fromEntries(classes),
    median_unique_tokens_se: errors.medianUniqueTokens,
    mean_l0_se: errors.meanL0,
    bimodality_se: errors.bimodality,
  }
}

/** A row a subcomponent. */
export function subcomponentRows({ level }: TableSource): TableRow[][] {
  const modulePaths = queryModules(level).map(({ module }) => module)
  const { rows } = querySubcomponents(level, {
    moduleId: null,
    classes: SUBCOMPONENT_CLASSES,
    tokenText: '',
    sort: { column: 'address', direction: 'ascending' },
    offset: 0,
    limit: Number.MAX_SAFE_INTEGER,
  })
  const topTokens = queryTopTokens(level, rows, SUMMARY_TOP_TOKENS)
  return [
    rows.map((row, i) => ({
      module: modulePaths[row.moduleId] ?? null,
      subcomponent: row.subcomponent,
      activation_count: row.activationCount,
      unique_tokens: row.uniqueTokens,
      class: row.class,
      mean_ci: row.meanCi,
      firing_density: row.firingDensity,
      high_concentration: row.isHighConcentration,
      top_tokens: (topTokens[i] ?? []).map(({ token, count }) => [token, count] as const),
      rarefied_unique_tokens: row.rarefiedUniqueTokens,
    })),
  ]
}

/** A row a token of the vocabulary. */
export function tokenRows({ summary }: TableSource): TableRow[][] {
  return [
    queryTokens(summary).map((row) => ({
      token_id: row.tokenId,
      token: row.token,
      occurrences: row.occurrences,
      category: row.category,
      category_agreement: row.categoryAgreement,
      is_piece: row.isPiece,
    })),
  ]
}

/** A row a module and category, the category's baselines beside its shares. */
export function categoryRows({ summary, manifest }: TableSource): TableRow[][] {
  const categories = new Map((queryCategories(summary) ?? []).map((row) => [row.category, row]))
  const shares = queryCategoryShares(summary) ?? absent('categories', manifest.id, 'tokens were not tagged')
  const modulePaths = queryModules(summary).map(({ module }) => module)
  return [
    shares.map((row) => ({
      module: modulePaths[row.moduleId] ?? null,
      category: row.category,
      vocabulary_share: categories.get(row.category)?.vocabularyShare ?? null,
      occurrence_share: categories.get(row.category)?.occurrenceShare ?? null,
      high_concentration: row.highConcentration,
      high_concentration_expected: row.highConcentrationExpected,
      active: row.active,
      active_expected: row.activeExpected,
      firings: row.firings,
      tokens: row.tokens,
      tokens_expected: row.tokensExpected,
    })),
  ]
}

/** A row a module and position of a story. */
export function l0ByPositionRows({ level, manifest }: TableSource): TableRow[][] {
  const modulePaths = queryModules(level).map(({ module }) => module)
  const rows = queryL0ByPosition(level) ?? absent('l0-by-position', manifest.id, 'stories are not known')
  return [
    rows.map(({ moduleId, position, stories, meanL0 }) => ({
      module: modulePaths[moduleId] ?? null,
      position,
      stories,
      mean_l0: meanL0,
    })),
  ]
}

/** Refuses a table that the index has nothing for, rather than print an empty one. */
export function absent(table: string, id: string, reason: string): never {
  throw new AtlasError('bundle/missing-file', `${id}: no table ${table}, ${reason}`)
}
