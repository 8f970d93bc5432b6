import type { IndexDatabase } from '../../core/bundle/IndexDatabase.ts'
import { queryCoFirings } from '../../core/bundle/queryCoFirings.ts'
import { EXAMPLE_LISTS, queryExamples } from '../../core/bundle/queryExamples.ts'
import { queryLevels } from '../../core/bundle/queryLevels.ts'
import { queryModules } from '../../core/bundle/queryModules.ts'
import { queryOutputTokens } from '../../core/bundle/queryOutputTokens.ts'
import type { SubcomponentAddress } from '../../core/bundle/querySubcomponent.ts'
import { queryTokenModules } from '../../core/bundle/queryTokenSubcomponents.ts'
import { createTokenTable, querySubcomponentTokens, queryTokens } from '../../core/bundle/queryTokens.ts'
import { absent } from './summaryRows.ts'
import type { TableRow, TableSource } from './TableRow.ts'

/** A row a subcomponent and partner, of the partners the index keeps. */
export async function* coFiringRows(source: TableSource): AsyncGenerator<TableRow[]> {
  const { summary, manifest } = source
  const modulePaths = queryModules(summary).map(({ module }) => module)
  const N = manifest.corpus?.positions ?? 0
  yield* detailRows(source, (detail, address) => {
    const partners =
      queryCoFirings(detail, summary, address, N) ?? absent('co-firing', manifest.id, 'it was not counted')
    return partners.map((row) => ({
      module: modulePaths[address.moduleId] ?? null,
      subcomponent: address.subcomponent,
      partner_module: modulePaths[row.moduleId] ?? null,
      partner: row.subcomponent,
      count: row.count,
      firings: row.firings,
      partner_firings: row.partnerFirings,
      partner_given_fires: row.partnerGivenFires,
      fires_given_partner: row.firesGivenPartner,
      jaccard: row.jaccard,
      pmi: row.pmi,
    }))
  })
}

/** A row a subcomponent and output token, of those the index keeps. */
export async function* outputTokenRows(source: TableSource): AsyncGenerator<TableRow[]> {
  const { summary, manifest } = source
  const modulePaths = queryModules(summary).map(({ module }) => module)
  const table = createTokenTable(queryTokens(summary))
  yield* detailRows(source, (detail, address) => {
    const tokens =
      queryOutputTokens(detail, summary, table, address) ??
      absent('output-tokens', manifest.id, 'they were not counted')
    return tokens.map((row) => ({
      module: modulePaths[address.moduleId] ?? null,
      subcomponent: address.subcomponent,
      token_id: row.tokenId,
      token: row.token,
      mass: row.mass,
      total: row.total,
      fires_given_token: row.firesGivenToken,
      token_given_fires: row.tokenGivenFires,
      pmi: row.pmi,
    }))
  })
}

/** A row a subcomponent and token it is active on. */
export async function* tokenCountRows(source: TableSource): AsyncGenerator<TableRow[]> {
  const modulePaths = queryModules(source.summary).map(({ module }) => module)
  const table = createTokenTable(queryTokens(source.summary))
  yield* detailRows(source, (detail, { moduleId, subcomponent }) =>
    querySubcomponentTokens(detail, table, subcomponent).map((row) => ({
      module: modulePaths[moduleId] ?? null,
      subcomponent,
      token_id: row.tokenId,
      token: row.token,
      count: row.count,
      fires_given_token: row.firesGivenToken,
      token_given_fires: row.tokenGivenFires,
      pmi: row.pmi,
    })),
  )
}

/** A row an example, with the tokens around it and their causal importances. */
export async function* exampleRows(source: TableSource): AsyncGenerator<TableRow[]> {
  const modulePaths = queryModules(source.summary).map(({ module }) => module)
  const table = createTokenTable(queryTokens(source.summary))
  yield* detailRows(source, (detail, { moduleId, subcomponent }) =>
    EXAMPLE_LISTS.flatMap((list) =>
      queryExamples(detail, table, subcomponent, list).map((row) => ({
        module: modulePaths[moduleId] ?? null,
        subcomponent,
        list,
        rank: row.rank,
        story: row.story,
        position: row.position,
        causal_importance: row.causalImportance,
        inner_activation: row.innerActivation,
        window_start: row.windowStart,
        tokens: row.tokens.map(({ token, causalImportance }) => [token, causalImportance]),
      })),
    ),
  )
}

async function* detailRows(
  { manifest, index }: TableSource,
  read: (detail: IndexDatabase, address: SubcomponentAddress) => TableRow[],
): AsyncGenerator<TableRow[]> {
  for (const { path, module, start, end } of manifest.index?.details ?? []) {
    const moduleId = manifest.modules.findIndex((entry) => entry.path === module)
    const detail = await index.open(path)
    yield Array.from({ length: end - start }, (_, i) => read(detail, { moduleId, subcomponent: start + i })).flat()
    detail.close()
  }
}

/** A row a token and module it activates subcomponents of. */
export async function* tokenModuleRows({
  summary,
  manifest,
  index,
  threshold,
}: TableSource): AsyncGenerator<TableRow[]> {
  const modulePaths = queryModules(summary).map(({ module }) => module)
  const tokens = queryTokens(summary)
  const levels = queryLevels(summary)
  const level = levels.indexOf(threshold)
  for (const { path, start, end } of manifest.index?.tokens ?? []) {
    const file = await index.open(path)
    yield tokens
      .filter(({ tokenId }) => start <= tokenId && tokenId < end)
      .flatMap(({ tokenId, token }) => {
        const shape = { moduleCount: modulePaths.length, levelCount: levels.length }
        const counts = queryTokenModules(file, tokenId, shape).map((active) => active[level] ?? 0)
        return counts.flatMap((subcomponents, moduleId) =>
          subcomponents === 0
            ? []
            : [{ token_id: tokenId, token, module: modulePaths[moduleId] ?? null, subcomponents }],
        )
      })
    file.close()
  }
}
