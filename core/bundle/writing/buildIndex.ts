import { invariant } from '../../errors/invariant.ts'
import type { SqlEngine, SqlValue } from '../IndexDatabase.ts'
import { OUTPUT_TOTAL_SCHEMA, STORIES_SCHEMA, SUMMARY_SCHEMA } from '../indexSchema.ts'
import { encodeVarints } from '../varints.ts'
import { buildDetails } from './buildDetails.ts'
import type { IndexFile } from './IndexFile.ts'
import type { ExampleStory, IndexSource } from './IndexSource.ts'
import { type SubcomponentSummary, summariseModule, summariseSubcomponents } from './summariseModule.ts'
import { insertRows, writeIndexFile } from './writeIndexFile.ts'

/** Most bytes of token ids in a file of stories, so that opening one story moves little. */
const STORIES_FILE_BYTES = 512 * 1024

/** Every file of the index of `source`, one at a time: detail, stories, and the summary last. */
export async function* buildIndex(engine: SqlEngine, source: IndexSource): AsyncGenerator<IndexFile> {
  const rows: SummaryRows = { module: [], subcomponent: [], top_token: [] }
  for (const [moduleId, module] of source.modules.entries()) {
    const activity = await module.readActivity()
    const summaries = summariseSubcomponents(module, activity, source.positionCount)
    rows.module.push(summariseModule(module, moduleId, summaries, source.positionCount))
    for (const summary of summaries) addSubcomponent(rows, moduleId, summary)
    yield* buildDetails(engine, { moduleId, module, activity, source })
  }
  yield* buildStories(engine, source.stories)
  yield { path: 'index/summary.sqlite', bytes: writeSummary(engine, source, rows), content: { kind: 'summary' } }
}

type SqlRow = Record<string, SqlValue>
type SummaryRows = Record<'module' | 'subcomponent' | 'top_token', SqlRow[]>

function addSubcomponent(rows: SummaryRows, moduleId: number, summary: SubcomponentSummary): void {
  const address = { module_id: moduleId, subcomponent: summary.subcomponent }
  rows.subcomponent.push({
    ...address,
    activation_count: summary.activationCount,
    unique_tokens: summary.uniqueTokens,
    class: summary.class,
    mean_ci: summary.meanCi,
    firing_density: summary.firingDensity,
    top10_count: summary.top10Count,
    high_concentration: summary.isHighConcentration ? 1 : 0,
    rank: summary.rank,
    write_norm: summary.writeNorm,
  })
  for (const [i, { tokenId, count }] of summary.topTokens.entries()) {
    rows.top_token.push({ ...address, rank: i + 1, token_id: tokenId, count })
  }
}

function writeSummary(engine: SqlEngine, source: IndexSource, rows: SummaryRows): Uint8Array {
  const schema = source.outputTotals === undefined ? SUMMARY_SCHEMA : SUMMARY_SCHEMA + OUTPUT_TOTAL_SCHEMA
  return writeIndexFile(engine, schema, (database) => {
    insertRows(database, 'module', rows.module)
    insertRows(database, 'token', tokenRows(source))
    insertRows(database, 'output_total', outputTotalRows(source))
    insertRows(database, 'subcomponent', rows.subcomponent)
    insertRows(database, 'top_token', rows.top_token)
    insertRows(database, 'example_story', source.exampleStories.map(exampleStoryRow))
  })
}

/** Every token of the vocabulary, those that do not occur too; rows that only pad the embedding are left out. */
function tokenRows({ tokens, occurrences }: IndexSource): SqlRow[] {
  return tokens.flatMap((token, tokenId) => {
    const count = occurrences[tokenId] ?? 0
    invariant(token !== null || count === 0, `token ${tokenId} occurs and has no text`)
    return token === null ? [] : [{ token_id: tokenId, token, occurrences: count }]
  })
}

function outputTotalRows({ tokens, outputTotals }: IndexSource): SqlRow[] {
  return tokens.flatMap((token, tokenId) => {
    const mass = outputTotals?.[tokenId]
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

function* buildStories(engine: SqlEngine, stories: readonly Uint32Array[]): Generator<IndexFile> {
  const blobs = stories.map(encodeVarints)
  for (let start = 0; start < blobs.length; ) {
    let end = start + 1
    let byteLength = blobs[start]?.length ?? 0
    while (end < blobs.length && byteLength + (blobs[end]?.length ?? 0) <= STORIES_FILE_BYTES) {
      byteLength += blobs[end++]?.length ?? 0
    }
    const rows = blobs.slice(start, end).map((blob, i) => ({ story: start + i, token_ids: blob }))
    const bytes = writeIndexFile(engine, STORIES_SCHEMA, (database) => insertRows(database, 'story', rows))
    yield { path: `index/stories-${start}.sqlite`, bytes, content: { kind: 'stories', start, end } }
    start = end
  }
}
