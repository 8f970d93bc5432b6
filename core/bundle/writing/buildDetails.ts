import { invariant } from '../../errors/invariant.ts'
import { ACTIVATION_BINS } from '../../statistics/activationBin.ts'
import { type SampledFiring, sampledFirings } from '../../statistics/FiringSample.ts'
import type { FiringWindow } from '../../statistics/FiringWindow.ts'
import { CI_STEPS } from '../../statistics/HarvestSettings.ts'
import type { SampleCounts } from '../../statistics/SampleCounts.ts'
import type { TokenCounts } from '../../statistics/TokenCounts.ts'
import type { TokenMass } from '../../statistics/TokenMass.ts'
import { encodeExamples, type PlacedExample } from '../columns/exampleColumns.ts'
import { encodeOutputTokens } from '../columns/outputTokenColumns.ts'
import { encodePartners, type NumberedPartner } from '../columns/partnerColumns.ts'
import { encodePassages, unionOfWindows } from '../columns/passageColumns.ts'
import { countsByRank, encodeTokenCountColumns, joined } from '../columns/tokenCountColumns.ts'
import { CO_FIRING_SCHEMA, DETAIL_SCHEMA, HISTOGRAM_SCHEMA, OUTPUT_TOKEN_SCHEMA } from '../detailSchema.ts'
import type { SqlEngine, SqlValue } from '../IndexDatabase.ts'
import { encodeVarints } from '../varints.ts'
import type { IndexFile } from './IndexFile.ts'
import type { IndexSource, SourceActivity, SourceHistograms, SourceModule } from './IndexSource.ts'
import { writeIndexFile } from './writeIndexFile.ts'

/**
 * Bounds of one file of detail, so that opening one subcomponent's page moves at most some 250 KB. The more subcomponents
 * share a file, the more of their examples' windows overlap.
 */
const MAX_ACTIVE_SUBCOMPONENTS = 192
const MAX_TOKEN_COUNTS = 100_000

/** Partners kept of a subcomponent by each order, where co-firing is counted on a sample. */
const PARTNERS = 20
/** Output tokens kept of a subcomponent by each order, where they are counted on a sample. */
const OUTPUT_TOKENS = 10

interface DetailSource {
  readonly moduleId: number
  readonly module: SourceModule
  readonly activity: SourceActivity
  readonly source: IndexSource
  /** uint32[vocabulary]: the frequency rank of each token. */
  readonly ranks: Uint32Array
  /** Subcomponents that stand before each module's. */
  readonly moduleStarts: Float64Array
  /** null where co-firing and output tokens are the activity's own, or not known. */
  readonly sample: SampleCounts | null
}

type SqlRow = Record<string, SqlValue>

/** The files of detail of one module; together they hold every subcomponent, but of the dead they say nothing. */
export function* buildDetails(engine: SqlEngine, detail: DetailSource): Generator<IndexFile> {
  const { module, moduleId, activity } = detail
  for (let start = 0; start < module.C; ) {
    const end = endOfBlock(activity.tokenCounts, start)
    const active = Array.from({ length: end - start }, (_, i) => start + i).filter(
      (c) => (activity.tokenCounts[c]?.counts.length ?? 0) > 0,
    )
    const bytes = writeIndexFile(engine, schemaOf(detail), (writer) => {
      if (active.length > 0)
        for (const [table, row] of Object.entries(rowsOf(detail, active))) writer.insert(table, [row])
    })
    const path = `index/detail-${moduleId}-${start}.sqlite`
    yield { path, bytes, content: { kind: 'detail', module: module.path, start, end } }
    start = end
  }
}

/** The row of each table of a file with the `active` subcomponents. */
function rowsOf(detail: DetailSource, active: readonly number[]): Record<string, SqlRow> {
  const { activity, ranks, sample } = detail
  const byRank = active.map((c) => countsByRank(activity.tokenCounts[c] ?? NO_COUNTS, ranks))
  const { histograms } = activity
  return {
    token_counts: { ...encodeTokenCountColumns({ subcomponents: Uint32Array.from(active), byRank }) },
    ...exampleRows(detail, active),
    ...(histograms && { histogram: histogramRow(histograms, active) }),
    ...((activity.outputTokens || sample) && {
      output_token: { ...encodeOutputTokens(active.map((c) => outputTokensOf(detail, c))) },
    }),
    ...((activity.coFirings || sample) && {
      co_firing: { ...encodePartners(active.map((c) => partnersOf(detail, c))) },
    }),
  }
}

const NO_COUNTS: TokenCounts = { tokenIds: new Uint32Array(0), counts: new Uint32Array(0) }

/** The tables of what is known; an insert touches no table without rows. */
function schemaOf({ activity: { outputTokens, coFirings, histograms }, sample }: DetailSource): string {
  const known = [
    histograms && HISTOGRAM_SCHEMA,
    (outputTokens || sample) && OUTPUT_TOKEN_SCHEMA,
    (coFirings || sample) && CO_FIRING_SCHEMA,
  ]
  return [DETAIL_SCHEMA, ...known].join('')
}

function endOfBlock(tokenCounts: readonly TokenCounts[], start: number): number {
  let activeCount = 0
  let tokenCount = 0
  let end = start
  for (; end < tokenCounts.length; end++) {
    const length = tokenCounts[end]?.counts.length ?? 0
    activeCount += length > 0 ? 1 : 0
    tokenCount += length
    if (activeCount > MAX_ACTIVE_SUBCOMPONENTS || tokenCount > MAX_TOKEN_COUNTS) break
  }
  // A subcomponent larger than a block has a block of its own.
  return Math.max(end, start + 1)
}

/** The rows of `passage` and `example`. */
function exampleRows({ activity, source, ranks }: DetailSource, active: readonly number[]): Record<string, SqlRow> {
  const { examples, strongest } = activity
  if (!('capacity' in examples))
    return windowRows(
      active.map((c) => examples[c] ?? []),
      ranks,
    )
  const firings = active.map((c) => ({
    sampled: sampledFirings(examples, c),
    strongest: strongest === undefined ? [] : sampledFirings(strongest, c),
  }))
  const all = firings.flatMap((lists) => [...lists.sampled, ...lists.strongest])
  const stretches = unionOfWindows(all.map((firing) => windowOf(firing, source)))
  const passages = stretches.map(({ story, start, end }) => ({
    story,
    start,
    ranks: (source.stories[story] ?? new Uint32Array(0)).subarray(start, end).map((id) => ranks[id] ?? 0),
  }))
  const placeOf = placesIn(stretches)
  const place = (firing: SampledFiring): PlacedExample => {
    const { start, end } = windowOf(firing, source)
    const first = start - (firing.position - source.windowRadius)
    return {
      ...placeOf(firing),
      causalImportance: firing.causalImportance,
      innerActivation: firing.innerActivation,
      windowCi: firing.window.subarray(first, first + end - start),
      center: firing.position - start,
    }
  }
  const lists = firings.map((own) => ({ sampled: own.sampled.map(place), strongest: own.strongest.map(place) }))
  return { passage: { ...encodePassages(passages) }, example: { ...encodeExamples(lists, source.windowRadius) } }
}

/** The part of a firing's window that lies within its story. */
function windowOf({ story, position }: SampledFiring, { stories, windowRadius }: IndexSource) {
  const length = stories[story]?.length ?? 0
  invariant(position < length, `no position ${position} of story ${story}`)
  return {
    story,
    start: Math.max(0, position - windowRadius),
    end: Math.min(length, position + windowRadius + 1),
  }
}

/** Finds the stretch that a firing lies in, and its place there. */
function placesIn(
  stretches: readonly { readonly story: number; readonly start: number }[],
): (firing: SampledFiring) => { passage: number; offset: number } {
  return ({ story, position }) => {
    let low = 0
    let high = stretches.length
    // The last that begins no later.
    while (high - low > 1) {
      const middle = (low + high) >> 1
      const at = stretches[middle]
      const isLater = at === undefined || at.story > story || (at.story === story && at.start > position)
      if (isLater) high = middle
      else low = middle
    }
    return { passage: low, offset: position - (stretches[low]?.start ?? 0) }
  }
}

/** The rows of windows whose stories are not known: a passage each. */
function windowRows(windows: readonly (readonly FiringWindow[])[], ranks: Uint32Array): Record<string, SqlRow> {
  const passages = windows.flat().map(({ tokenIds }) => ({
    story: null,
    start: 0,
    ranks: Uint32Array.from(tokenIds, (id) => ranks[id] ?? 0),
  }))
  let passage = 0
  const lists = windows.map((own) => ({
    sampled: own.map(({ firing, causalImportance, innerActivation, ciBytes }) => ({
      passage: passage++,
      offset: firing,
      causalImportance,
      innerActivation,
      windowCi: ciBytes,
      center: firing,
    })),
    strongest: [],
  }))
  return { passage: { ...encodePassages(passages) }, example: { ...encodeExamples(lists, null) } }
}

/** By frequency rank, ascending. */
function outputTokensOf({ activity, sample, moduleId, ranks }: DetailSource, subcomponent: number): TokenMass[] {
  const tokens = sample?.outputTokens(moduleId, subcomponent, OUTPUT_TOKENS) ?? activity.outputTokens?.[subcomponent]
  return (tokens ?? [])
    .map(({ tokenId, mass }) => ({ tokenId: ranks[tokenId] ?? 0, mass }))
    .sort((a, b) => a.tokenId - b.tokenId)
}

/** By number, ascending. */
function partnersOf(
  { activity, sample, moduleId, moduleStarts }: DetailSource,
  subcomponent: number,
): NumberedPartner[] {
  const partners = sample?.partners(moduleId, subcomponent, PARTNERS) ?? activity.coFirings?.[subcomponent] ?? []
  return partners
    .map((partner) => ({ number: (moduleStarts[partner.moduleId] ?? 0) + partner.subcomponent, count: partner.count }))
    .sort((a, b) => a.number - b.number)
}

function histogramRow(histograms: SourceHistograms, active: readonly number[]): SqlRow {
  const rows = (bins: Uint32Array, count: number): Uint8Array =>
    encodeVarints(joined(active.map((c) => bins.subarray(c * count, (c + 1) * count))))
  return {
    ci: rows(histograms.ci, CI_STEPS),
    activation: rows(histograms.activation, ACTIVATION_BINS),
    sampled_activation: rows(histograms.sampledActivation, ACTIVATION_BINS),
  }
}
