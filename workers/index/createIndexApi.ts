import type { FetchEffects } from '../../core/bundle/fetchBundleFile.ts'
import type { SqlEngine } from '../../core/bundle/IndexDatabase.ts'
import { queryCoFirings } from '../../core/bundle/queryCoFirings.ts'
import { queryExampleStories } from '../../core/bundle/queryExampleStories.ts'
import { queryExamples } from '../../core/bundle/queryExamples.ts'
import { queryHistograms } from '../../core/bundle/queryHistograms.ts'
import { type ModuleRow, queryModules } from '../../core/bundle/queryModules.ts'
import { queryOutputTokens } from '../../core/bundle/queryOutputTokens.ts'
import { querySample } from '../../core/bundle/querySample.ts'
import {
  queryActiveAt,
  queryNeighbours,
  querySubcomponent,
  type SubcomponentAddress,
} from '../../core/bundle/querySubcomponent.ts'
import { querySubcomponents, type SubcomponentQuery } from '../../core/bundle/querySubcomponents.ts'
import { querySubcomponentTokens } from '../../core/bundle/queryTokens.ts'
import { queryTopTokens, SUMMARY_TOP_TOKENS } from '../../core/bundle/queryTopTokens.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import { formatCsv, formatJson } from '../../core/tables/formatTable.ts'
import type { ExportFormat, IndexApi } from '../contracts/IndexApi.ts'
import { reply } from '../reply.ts'
import { type IndexBundle, openIndexBundle } from './openIndexBundle.ts'
import { subcomponentTable } from './subcomponentTable.ts'

/** Top tokens beside a subcomponent wherever several are listed. */
const LISTED_TOKENS = 5

type Fetch = FetchEffects['fetch']

/** Answers questions about indexes with the engine `loadEngine` gives, fetching their files by `fetch`. */
export function createIndexApi(loadEngine: () => Promise<SqlEngine>, fetch: Fetch): IndexApi {
  const openOnce = createBundleCache(loadEngine, fetch)
  const ask = <T>(bundleUrl: string, question: (bundle: IndexBundle) => T | Promise<T>) =>
    reply(async () => question(await openOnce(bundleUrl)))

  return {
    openRun: (bundleUrl, onProgress) =>
      reply(async () => {
        const { manifest, summary } = await openOnce(bundleUrl, onProgress)
        return { manifest, modules: queryModules(summary) }
      }),
    listSubcomponents: (bundleUrl, query) => ask(bundleUrl, ({ summary }) => querySubcomponents(summary, query)),
    exportSubcomponents: (bundleUrl, query, format) => ask(bundleUrl, (bundle) => exportRows(bundle, query, format)),
    describeSubcomponent: (bundleUrl, address) => ask(bundleUrl, (bundle) => describeSubcomponent(bundle, address)),
    readDetail: (bundleUrl, address, onProgress) =>
      ask(bundleUrl, (bundle) => readDetail(bundle, address, { fetch, onProgress })),
    describeSubcomponents: (bundleUrl, addresses) =>
      ask(bundleUrl, ({ summary }) => {
        const topTokens = queryTopTokens(summary, addresses, LISTED_TOKENS)
        return addresses.map((address, i) => ({
          ...querySubcomponent(summary, address),
          topTokens: topTokens[i] ?? [],
        }))
      }),
    findActive: (bundleUrl, moduleId, share) =>
      ask(bundleUrl, ({ summary }) => queryActiveAt(summary, moduleId, share)),
    listExampleStories: (bundleUrl) => ask(bundleUrl, ({ summary }) => queryExampleStories(summary)),
  }
}

/** Opens each bundle once; one that failed is tried anew. */
function createBundleCache(loadEngine: () => Promise<SqlEngine>, fetch: Fetch) {
  const bundles = new Map<string, Promise<IndexBundle>>()
  return (bundleUrl: string, onProgress?: OnProgress): Promise<IndexBundle> => {
    const open = bundles.get(bundleUrl)
    if (open !== undefined) return open
    const effects = onProgress === undefined ? { fetch } : { fetch, onProgress }
    const opening = loadEngine().then((engine) => openIndexBundle(engine, bundleUrl, effects))
    bundles.set(bundleUrl, opening)
    opening.catch(() => bundles.delete(bundleUrl))
    return opening
  }
}

function exportRows({ summary }: IndexBundle, query: SubcomponentQuery, format: ExportFormat): string {
  const { rows } = querySubcomponents(summary, { ...query, offset: 0, limit: Number.MAX_SAFE_INTEGER })
  const topTokens = queryTopTokens(summary, rows, SUMMARY_TOP_TOKENS)
  const table = subcomponentTable(rows, topTokens, queryModules(summary))
  return format === 'csv' ? formatCsv(table) : formatJson(table)
}

function describeSubcomponent({ summary }: IndexBundle, address: SubcomponentAddress) {
  const row = querySubcomponent(summary, address)
  const neighbours =
    row.rank === null ? { previous: null, next: null } : queryNeighbours(summary, row.moduleId, row.rank)
  return { row, ...neighbours }
}

function readDetail(bundle: IndexBundle, address: SubcomponentAddress, effects: FetchEffects) {
  const { summary, tokens } = bundle
  const { moduleId, subcomponent } = address
  const { module } = moduleAt(bundle, moduleId)
  return bundle.readDetail(module, subcomponent, effects, (detail) => ({
    tokens: querySubcomponentTokens(detail, tokens, subcomponent),
    examples: queryExamples(detail, tokens, subcomponent, 'sampled'),
    strongest: queryExamples(detail, tokens, subcomponent, 'strongest'),
    histograms: queryHistograms(detail, subcomponent),
    sampledPositions: querySample(summary)?.positions ?? null,
    coFirings: queryCoFirings(detail, summary, address, tokens.positionCount),
    outputTokens: queryOutputTokens(detail, summary, tokens, address),
  }))
}

function moduleAt({ summary }: IndexBundle, moduleId: number): ModuleRow {
  const module = queryModules(summary).find((row) => row.moduleId === moduleId)
  if (module !== undefined) return module
  throw new AtlasError('address/unknown', `the run has no module ${moduleId}`, { details: { moduleId } })
}
