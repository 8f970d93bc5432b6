import { invariant } from '../errors/invariant.ts'
import type { CorpusActivity } from './CorpusActivity.ts'
import { positionHash, storyHash } from './firingHash.ts'
import { type HarvestSettings, JACKKNIFE_BLOCKS } from './HarvestSettings.ts'
import { isSampledPosition } from './samplePositions.ts'

/** A story of a batch. */
export interface BatchStory {
  /** Index in the corpus. */
  readonly story: number
  /** Its token ids, at least one. */
  readonly ids: ArrayLike<number>
}

/** Which position of which story each row of a batch [B, T] holds; arrays have B · T numbers, of padding 0. */
export interface BatchLayout {
  /** T, the tokens of the longest story. */
  readonly T: number
  /** B · T */
  readonly rowCount: number
  /** Rows that are no padding, ascending. */
  readonly rows: Uint32Array
  readonly stories: Uint32Array
  readonly positions: Uint32Array
  /** Tokens of the row's story. */
  readonly lengths: Uint32Array
  readonly tokenIds: Uint32Array
  /** Jackknife block of the row's story. */
  readonly blocks: Uint8Array
  readonly positionHashes: Uint32Array
  /** Rows of sampled positions, ascending. */
  readonly sampledRows: Uint32Array
}

/** The layout of `batch`, each story a row block of its own, padded on the right. */
export function layOutBatch(batch: readonly BatchStory[], settings: HarvestSettings): BatchLayout {
  const T = batch.reduce((longest, { ids }) => Math.max(longest, ids.length), 0)
  const rowCount = batch.length * T
  const column = (): Uint32Array => new Uint32Array(rowCount)
  const [stories, positions, lengths, tokenIds, positionHashes] = [column(), column(), column(), column(), column()]
  const blocks = new Uint8Array(rowCount)
  const rows: number[] = []
  const sampledRows: number[] = []
  for (const [b, { story, ids }] of batch.entries()) {
    invariant(ids.length > 0 && ids.length <= settings.contextLength, `story ${story} has ${ids.length} tokens`)
    const block = blockOf(settings.seed, story)
    for (let position = 0; position < ids.length; position++) {
      const row = b * T + position
      const tokenId = ids[position] ?? 0
      invariant(tokenId < settings.vocabularySize, `token ${tokenId} lies outside the vocabulary`)
      stories[row] = story
      positions[row] = position
      lengths[row] = ids.length
      tokenIds[row] = tokenId
      blocks[row] = block
      positionHashes[row] = positionHash(settings.seed, story, position)
      rows.push(row)
      if (isSampledPosition(settings, story, position)) sampledRows.push(row)
    }
  }
  return {
    T,
    rowCount,
    rows: Uint32Array.from(rows),
    stories,
    positions,
    lengths,
    tokenIds,
    blocks,
    positionHashes,
    sampledRows: Uint32Array.from(sampledRows),
  }
}

/** Jackknife block of a story, 0 to JACKKNIFE_BLOCKS − 1. */
export function blockOf(seed: number, story: number): number {
  return storyHash(seed, story) % JACKKNIFE_BLOCKS
}

/** Counts the tokens of a batch. */
export function countTokens(corpus: CorpusActivity, layout: BatchLayout): void {
  const { occurrences, storiesByPosition, blockPositions } = corpus
  for (const row of layout.rows) {
    const tokenId = layout.tokenIds[row] ?? 0
    const position = layout.positions[row] ?? 0
    const block = layout.blocks[row] ?? 0
    occurrences[tokenId] = (occurrences[tokenId] ?? 0) + 1
    storiesByPosition[position] = (storiesByPosition[position] ?? 0) + 1
    blockPositions[block] = (blockPositions[block] ?? 0) + 1
    if (position === 0) corpus.storyCount += 1
  }
  corpus.positionCount += layout.rows.length
  corpus.sampledPositionCount += layout.sampledRows.length
}
