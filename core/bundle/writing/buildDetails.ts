import { invariant } from '../../errors/invariant.ts'
import { type SampledFiring, sampledFirings } from '../../statistics/FiringSample.ts'
import type { FiringWindow } from '../../statistics/FiringWindow.ts'
import { topTokens } from '../../statistics/TokenCounts.ts'
import type { SqlEngine, SqlValue } from '../IndexDatabase.ts'
import { CO_FIRING_SCHEMA, DETAIL_SCHEMA, OUTPUT_TOKEN_SCHEMA } from '../indexSchema.ts'
import { encodeTokenCounts } from '../tokenCountsBlob.ts'
import { encodeVarints } from '../varints.ts'
import type { IndexFile } from './IndexFile.ts'
import type { IndexSource, SourceActivity, SourceModule } from './IndexSource.ts'
import { insertRows, writeIndexFile } from './writeIndexFile.ts'

/** Bounds of one file of detail, so that opening one subcomponent's page moves at most some 300 KB. */
const MAX_ACTIVE_SUBCOMPONENTS = 64
const MAX_TOKEN_COUNT_BYTES = 256 * 1024

/** Most frequent tokens of a subcomponent that stand as rows. */
const TOP_TOKEN_ROWS = 50

interface DetailSource {
  readonly moduleId: number
  readonly module: SourceModule
  readonly activity: SourceActivity
  readonly source: IndexSource
}

/** The files of detail of one module; together they hold every subcomponent, the dead ones without rows. */
export function* buildDetails(engine: SqlEngine, detail: DetailSource): Generator<IndexFile> {
  const { moduleId, module, activity } = detail
  const blobs = activity.tokenCounts.map(encodeTokenCounts)
  for (let start = 0; start < module.C; ) {
    const end = endOfBlock(blobs, start)
    const bytes = writeIndexFile(engine, schemaOf(activity), (database) => {
      const active = blobs
        .slice(start, end)
        .flatMap((pairs, i) => (pairs.length > 0 ? [{ subcomponent: start + i, pairs }] : []))
      insertRows(database, 'token_counts', active)
      for (const { subcomponent } of active) {
        insertRows(database, 'top_token', topTokenRows(activity, subcomponent))
        insertRows(database, 'example', exampleRows(detail, subcomponent))
        insertRows(database, 'output_token', outputTokenRows(activity, subcomponent))
        insertRows(database, 'co_firing', coFiringRows(activity, subcomponent))
      }
    })
    const path = `index/detail-${moduleId}-${start}.sqlite`
    yield { path, bytes, content: { kind: 'detail', module: module.path, start, end } }
    start = end
  }
}

/** The tables of what is known; insertRows touches no table without rows. */
function schemaOf({ outputTokens, coFirings }: SourceActivity): string {
  const known = [outputTokens && OUTPUT_TOKEN_SCHEMA, coFirings && CO_FIRING_SCHEMA]
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

function topTokenRows(activity: SourceActivity, subcomponent: number): Record<string, SqlValue>[] {
  const counts = activity.tokenCounts[subcomponent]
  invariant(counts !== undefined, `no counts of subcomponent ${subcomponent}`)
  return topTokens(counts, TOP_TOKEN_ROWS).map(({ tokenId, count }, i) => ({
    subcomponent,
    rank: i + 1,
    token_id: tokenId,
    count,
  }))
}

function exampleRows({ activity, source }: DetailSource, subcomponent: number): Record<string, SqlValue>[] {
  if (!('capacity' in activity.examples)) return (activity.examples[subcomponent] ?? []).map(windowRow(subcomponent))
  return sampledFirings(activity.examples, subcomponent).map((firing, i) => ({
    subcomponent,
    rank: i + 1,
    story: firing.story,
    position: firing.position,
    causal_importance: firing.causalImportance,
    inner_activation: firing.innerActivation,
    ...exampleWindow(firing, source),
  }))
}

/** The example of a window whose story is not known. */
function windowRow(subcomponent: number): (window: FiringWindow, i: number) => Record<string, SqlValue> {
  return ({ tokenIds, ciBytes, firing, causalImportance, innerActivation }, i) => ({
    subcomponent,
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

function outputTokenRows({ outputTokens }: SourceActivity, subcomponent: number): Record<string, SqlValue>[] {
  return (outputTokens?.[subcomponent] ?? []).map(({ tokenId, mass }) => ({ subcomponent, token_id: tokenId, mass }))
}

function coFiringRows({ coFirings }: SourceActivity, subcomponent: number): Record<string, SqlValue>[] {
  return (coFirings?.[subcomponent] ?? []).map(({ moduleId, subcomponent: partner, count }) => ({
    subcomponent,
    partner_module_id: moduleId,
    partner,
    count,
  }))
}

/** The part of a firing's window that lies within its story. */
function exampleWindow(firing: SampledFiring, { stories, windowRadius }: IndexSource): Record<string, SqlValue> {
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
