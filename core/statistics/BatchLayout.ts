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

/**
 * The positions of a batch's stories, one story after the other without padding: rows 0 ≤ r < `rowCount`, to which every
 * array has a number. What runs the stories as [B, T], padded on the right, has row r at `paddedRows[r]` of B · T.
 */
export interface BatchLayout {
  readonly B: number
  /** Tokens of the longest story. */
  readonly T: number
  readonly rowCount: number
  readonly paddedRows: Uint32Array
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
  /** 1 where the row is one of them. */
  readonly isSampled: Uint8Array
}

/** The layout of `batch`. */
export function layOutBatch(batch: readonly BatchStory[], settings: HarvestSettings): BatchLayout {
  const T = batch.reduce((longest, { ids }) => Math.max(longest, ids.length), 0)
  const rowCount = batch.reduce((sum, { ids }) => sum + ids.length, 0)
  const column = (): Uint32Array => new Uint32Array(rowCount)
  const [paddedRows, stories, positions, lengths] = [column(), column(), column(), column()]
  const [tokenIds, positionHashes] = [column(), column()]
  const [blocks, isSampled] = [new Uint8Array(rowCount), new Uint8Array(rowCount)]
  const sampledRows: number[] = []
  let row = 0
  for (const [b, { story, ids }] of batch.entries()) {
    invariant(ids.length > 0 && ids.length <= settings.contextLength, `story ${story} has ${ids.length} tokens`)
    const block = blockOf(settings.seed, story)
    for (let position = 0; position < ids.length; position++, row++) {
      const tokenId = ids[position] ?? 0
      invariant(tokenId < settings.vocabularySize, `token ${tokenId} lies outside the vocabulary`)
      paddedRows[row] = b * T + position
      stories[row] = story
      positions[row] = position
      lengths[row] = ids.length
      tokenIds[row] = tokenId
      blocks[row] = block
      positionHashes[row] = positionHash(settings.seed, story, position)
      if (!isSampledPosition(settings, story, position)) continue
      isSampled[row] = 1
      sampledRows.push(row)
    }
  }
  return {
    B: batch.length,
    T,
    rowCount,
    paddedRows,
    stories,
    positions,
    lengths,
    tokenIds,
    blocks,
    positionHashes,
    sampledRows: Uint32Array.from(sampledRows),
    isSampled,
  }
}

/** Jackknife block of a story, 0 to JACKKNIFE_BLOCKS − 1. */
export function blockOf(seed: number, story: number): number {
  return storyHash(seed, story) % JACKKNIFE_BLOCKS
}

/** Counts the tokens of a batch. */
export function countTokens(corpus: CorpusActivity, layout: BatchLayout): void {
  const { occurrences, storiesByPosition, blockPositions } = corpus
  for (let row = 0; row < layout.rowCount; row++) {
    const tokenId = layout.tokenIds[row] ?? 0
    const position = layout.positions[row] ?? 0
    const block = layout.blocks[row] ?? 0
    occurrences[tokenId] = (occurrences[tokenId] ?? 0) + 1
    storiesByPosition[position] = (storiesByPosition[position] ?? 0) + 1
    blockPositions[block] = (blockPositions[block] ?? 0) + 1
    if (position === 0) corpus.storyCount += 1
  }
  corpus.positionCount += layout.rowCount
  corpus.sampledPositionCount += layout.sampledRows.length
}
