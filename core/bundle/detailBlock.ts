import { ACTIVATION_BINS } from '../statistics/activationBin.ts'
import { CI_STEPS } from '../statistics/HarvestSettings.ts'
import type { TokenCounts } from '../statistics/TokenCounts.ts'
import type { TokenMass } from '../statistics/TokenMass.ts'
import { decodeExamples, type ExampleLists } from './columns/exampleColumns.ts'
import { expectLength } from './columns/expectLength.ts'
import { decodeOutputTokens } from './columns/outputTokenColumns.ts'
import { decodePartners, type NumberedPartner } from './columns/partnerColumns.ts'
import { decodePassages, type Passage } from './columns/passageColumns.ts'
import { type BlockCounts, decodeTokenCountColumns } from './columns/tokenCountColumns.ts'
import { hasTable, type IndexDatabase, queryRows, type Row } from './IndexDatabase.ts'
import { decodeVarints } from './varints.ts'

/** A file of detail, unpacked as far as it was asked for. Tokens are frequency ranks. */
export interface DetailBlock {
  /** Numbers of its active subcomponents, ascending. */
  readonly subcomponents: Uint32Array
  /** Place of an active subcomponent in what follows; −1 of others. */
  indexOf(subcomponent: number): number
  readonly tokenCounts: readonly TokenCounts[]
  readonly examples: DetailExamples
  /** null where the file has none; so below. */
  readonly histograms: readonly SubcomponentHistograms[] | null
  readonly outputTokens: readonly (readonly TokenMass[])[] | null
  readonly partners: readonly (readonly NumberedPartner[])[] | null
}

export interface DetailExamples {
  readonly radius: number | null
  readonly passages: readonly Passage[]
  readonly lists: readonly ExampleLists[]
}

/** How often a subcomponent's numbers fall into each bin. */
export interface SubcomponentHistograms {
  /** uint32[CI_STEPS]: causal importance over its firings. */
  readonly ci: Uint32Array
  /** uint32[ACTIVATION_BINS]: inner activation over its firings (`activationBinEdges`). */
  readonly activation: Uint32Array
  /** uint32[ACTIVATION_BINS]: inner activation over the positions drawn by hash, active or not. */
  readonly sampledActivation: Uint32Array
}

const blocks = new WeakMap<IndexDatabase, DetailBlock>()

/** The block of an open file of detail. */
export function detailBlockOf(detail: IndexDatabase): DetailBlock {
  const known = blocks.get(detail)
  if (known !== undefined) return known
  const block = unpack(detail)
  blocks.set(detail, block)
  return block
}

function unpack(detail: IndexDatabase): DetailBlock {
  const { subcomponents, byRank } = readCounts(detail)
  const { length } = subcomponents
  const indices = new Map(Array.from(subcomponents, (c, i) => [c, i]))
  const examples = once(() => readExamples(detail, length))
  const histograms = once(() => readOnly(detail, 'histogram', (row) => readHistograms(row, length)))
  const outputTokens = once(() => readOnly(detail, 'output_token', (row) => readOutputTokens(row, length)))
  const partners = once(() => readOnly(detail, 'co_firing', (row) => readPartners(row, length)))
  return {
    subcomponents,
    indexOf: (subcomponent) => indices.get(subcomponent) ?? -1,
    tokenCounts: byRank,
    get examples() {
      return examples()
    },
    get histograms() {
      return histograms()
    },
    get outputTokens() {
      return outputTokens()
    },
    get partners() {
      return partners()
    },
  }
}

function readCounts(detail: IndexDatabase): BlockCounts {
  const counts = readOnly(detail, 'token_counts', (row) =>
    decodeTokenCountColumns({
      subcomponents: row.blob('subcomponents'),
      lengths: row.blob('lengths'),
      token_ranks: row.blob('token_ranks'),
      counts: row.blob('counts'),
    }),
  )
  return counts ?? { subcomponents: new Uint32Array(0), byRank: [] }
}

function readOutputTokens(row: Row, length: number): TokenMass[][] {
  const columns = { lengths: row.blob('lengths'), token_ranks: row.blob('token_ranks'), mass: row.blob('mass') }
  return decodeOutputTokens(columns, length)
}

function readPartners(row: Row, length: number): NumberedPartner[][] {
  return decodePartners(
    { lengths: row.blob('lengths'), partners: row.blob('partners'), counts: row.blob('counts') },
    length,
  )
}

/** What `read` makes of the only row of `table`; null where there is no such table, or no row. */
function readOnly<T>(detail: IndexDatabase, table: string, read: (row: Row) => T): T | null {
  if (!hasTable(detail, table)) return null
  return queryRows(detail, `SELECT * FROM ${table} LIMIT 1`, [], read)[0] ?? null
}

function readExamples(detail: IndexDatabase, length: number): DetailExamples {
  const passages =
    readOnly(detail, 'passage', (row) =>
      decodePassages({
        stories: row.nullableBlob('stories'),
        starts: row.blob('starts'),
        lengths: row.blob('lengths'),
        token_ranks: row.blob('token_ranks'),
      }),
    ) ?? []
  const passageLengths = passages.map(({ ranks }) => ranks.length)
  const examples = readOnly(detail, 'example', (row) => {
    const radius = row.nullableInteger('radius')
    const columns = {
      radius,
      sampled: row.blob('sampled'),
      strongest: row.blob('strongest'),
      strongest_places: row.blob('strongest_places'),
      passages: row.blob('passages'),
      offsets: row.blob('offsets'),
      causal_importance: row.blob('causal_importance'),
      inner_activation: row.blob('inner_activation'),
      window_gaps: row.blob('window_gaps'),
      window_ci: row.blob('window_ci'),
    }
    return { radius, passages, lists: decodeExamples(columns, length, passageLengths) }
  })
  return examples ?? { radius: null, passages, lists: [] }
}

function readHistograms(row: Row, length: number): SubcomponentHistograms[] {
  const read = (column: string, binCount: number): Uint32Array => {
    const bins = decodeVarints(row.blob(column), `histogram, ${column}`)
    expectLength(`histogram, ${column}`, 'bins', bins.length, length * binCount)
    return bins
  }
  const ci = read('ci', CI_STEPS)
  const activation = read('activation', ACTIVATION_BINS)
  const sampledActivation = read('sampled_activation', ACTIVATION_BINS)
  const own = (bins: Uint32Array, i: number, binCount: number): Uint32Array =>
    bins.subarray(i * binCount, (i + 1) * binCount)
  return Array.from({ length }, (_, i) => ({
    ci: own(ci, i, CI_STEPS),
    activation: own(activation, i, ACTIVATION_BINS),
    sampledActivation: own(sampledActivation, i, ACTIVATION_BINS),
  }))
}

/** `make`, called when its value is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
