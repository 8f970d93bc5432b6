import { invariant } from '../../errors/invariant.ts'
import { ACTIVATION_BINS } from '../../statistics/activationBin.ts'
import { type SampledFiring, sampledFirings } from '../../statistics/FiringSample.ts'
import type { FiringWindow } from '../../statistics/FiringWindow.ts'
import { CI_STEPS } from '../../statistics/HarvestSettings.ts'
import type { SampleCounts } from '../../statistics/SampleCounts.ts'
import { encodeAddressCounts } from '../addressCountsBlob.ts'
import { CO_FIRING_SCHEMA, DETAIL_SCHEMA, HISTOGRAM_SCHEMA, OUTPUT_TOKEN_SCHEMA } from '../detailSchema.ts'
import type { SqlEngine, SqlValue } from '../IndexDatabase.ts'
import { encodeTokenCounts } from '../tokenCountsBlob.ts'
import { encodeVarints } from '../varints.ts'
import type { IndexFile } from './IndexFile.ts'
import type { IndexSource, SourceActivity, SourceModule } from './IndexSource.ts'
import { writeIndexFile } from './writeIndexFile.ts'

/** Bounds of one file of detail, so that opening one subcomponent's page moves at most some 300 KB. */
const MAX_ACTIVE_SUBCOMPONENTS = 64
const MAX_TOKEN_COUNT_BYTES = 160 * 1024

/** Partners kept of a subcomponent by each order, where co-firing is counted on a sample. */
const PARTNERS = 20
/** Output tokens kept of a subcomponent by each order, where they are counted on a sample. */
const OUTPUT_TOKENS = 10

interface DetailSource {
  readonly moduleId: number
  readonly module: SourceModule
  readonly activity: SourceActivity
  readonly source: IndexSource
  /** null where co-firing and output tokens are the activity's own, or not known. */
  readonly sample: SampleCounts | null
}

type SqlRow = Record<string, SqlValue>

/** The files of detail of one module; together they hold every subcomponent, the dead ones without rows. */
export function* buildDetails(engine: SqlEngine, detail: DetailSource): Generator<IndexFile> {
  const { moduleId, module, activity } = detail
  const blobs = activity.tokenCounts.map(encodeTokenCounts)
  for (let start = 0; start < module.C; ) {
    const end = endOfBlock(blobs, start)
    const bytes = writeIndexFile(engine, schemaOf(detail), (writer) => {
      const active = blobs
        .slice(start, end)
        .flatMap((pairs, i) => (pairs.length > 0 ? [{ subcomponent: start + i, pairs }] : []))
      writer.insert('token_counts', active)
      for (const { subcomponent } of active) {
        writer.insert('example', exampleRows(detail, subcomponent))
        writer.insert('output_token', outputTokenRows(detail, subcomponent))
        writer.insert('co_firing', coFiringRows(detail, subcomponent))
        writer.insert('histogram', histogramRows(activity, subcomponent))
      }
    })
    const path = `index/detail-${moduleId}-${start}.sqlite`
    yield { path, bytes, content: { kind: 'detail', module: module.path, start, end } }
    start = end
  }
}

/** The tables of what is known; an insert touches no table without rows. */
function schemaOf({ activity: { outputTokens, coFirings, histograms }, sample }: DetailSource): string {
  const known = [
    histograms && HISTOGRAM_SCHEMA,
    (outputTokens || sample) && OUTPUT_TOKEN_SCHEMA,
    (coFirings || sample) && CO_FIRING_SCHEMA,
  ]
  return [DETAIL_SCHEMA, ...known].join('')
}

function endOfBlock(blobs: readonly Uint8Array[], start: number): number {
  let activeCount = 0
  let byteLength = 0
  let end = start
  for (; end < blobs.length; end++) {
    const length = blobs[end]?.length ?? 0
    activeCount += length > 0 ? 1 : 0
    byteLength += length
    if (activeCount > MAX_ACTIVE_SUBCOMPONENTS || byteLength > MAX_TOKEN_COUNT_BYTES) break
  }
  // A subcomponent larger than a block has a block of its own.
  return Math.max(end, start + 1)
}

function exampleRows({ activity, source }: DetailSource, subcomponent: number): SqlRow[] {
  if (!('capacity' in activity.examples)) return (activity.examples[subcomponent] ?? []).map(windowRow(subcomponent))
  const sampled = sampledFirings(activity.examples, subcomponent)
  const strongest = activity.strongest === undefined ? [] : sampledFirings(activity.strongest, subcomponent)
  const rowOf = (firing: SampledFiring, list: string, i: number): SqlRow => ({
    subcomponent,
    list,
    rank: i + 1,
    story: firing.story,
    position: firing.position,
    causal_importance: firing.causalImportance,
    inner_activation: firing.innerActivation,
    ...exampleWindow(firing, source),
  })
  return [
    ...sampled.map((firing, i) => rowOf(firing, 'sampled', i)),
    ...strongest.map((firing, i) => rowOf(firing, 'strongest', i)),
  ]
}

/** The example of a window whose story is not known. */
function windowRow(subcomponent: number): (window: FiringWindow, i: number) => SqlRow {
  return ({ tokenIds, ciBytes, firing, causalImportance, innerActivation }, i) => ({
    subcomponent,
    list: 'sampled',
    rank: i + 1,
    story: null,
    position: firing,
    causal_importance: causalImportance,
    inner_activation: innerActivation,
    window_start: 0,
    token_ids: encodeVarints(tokenIds),
    window_ci: ciBytes,
  })
}

function outputTokenRows({ activity, sample, moduleId }: DetailSource, subcomponent: number): SqlRow[] {
  const tokens = sample?.outputTokens(moduleId, subcomponent, OUTPUT_TOKENS) ?? activity.outputTokens?.[subcomponent]
  return (tokens ?? []).map(({ tokenId, mass }) => ({ subcomponent, token_id: tokenId, mass: Math.fround(mass) }))
}

function coFiringRows({ activity, sample, moduleId }: DetailSource, subcomponent: number): SqlRow[] {
  const partners = sample?.partners(moduleId, subcomponent, PARTNERS) ?? activity.coFirings?.[subcomponent] ?? []
  return partners.length === 0 ? [] : [{ subcomponent, partners: encodeAddressCounts(partners) }]
}

function histogramRows({ histograms }: SourceActivity, subcomponent: number): SqlRow[] {
  if (histograms === undefined) return []
  const rowOf = (bins: Uint32Array, count: number): Uint32Array =>
    bins.subarray(subcomponent * count, (subcomponent + 1) * count)
  return [
    {
      subcomponent,
      ci: encodeVarints(rowOf(histograms.ci, CI_STEPS)),
      activation: encodeVarints(rowOf(histograms.activation, ACTIVATION_BINS)),
      sampled_activation: encodeVarints(rowOf(histograms.sampledActivation, ACTIVATION_BINS)),
    },
  ]
}

/** The part of a firing's window that lies within its story. */
function exampleWindow(firing: SampledFiring, { stories, windowRadius }: IndexSource): SqlRow {
  const story = stories[firing.story]
  invariant(
    story !== undefined && firing.position < story.length,
    `no position ${firing.position} of story ${firing.story}`,
  )
  const start = Math.max(0, firing.position - windowRadius)
  const tokenIds = story.subarray(start, firing.position + windowRadius + 1)
  const first = start - (firing.position - windowRadius)
  return {
    window_start: start,
    token_ids: encodeVarints(tokenIds),
    window_ci: firing.window.slice(first, first + tokenIds.length),
  }
}
