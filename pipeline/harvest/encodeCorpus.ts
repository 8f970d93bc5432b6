import { AtlasError } from '../../core/errors/AtlasError.ts'
import { createStorySample } from '../../core/statistics/createStorySample.ts'
import type { Tokenizer } from '../../core/tokenizer/createTokenizer.ts'
import type { Story } from '../stories/Story.ts'
import type { EncodedStory } from './HarvestMessage.ts'

/** Positions sent to a worker at a time: about a tenth of a second of its work. */
const BLOCK_POSITIONS = 1024

/** Short stories kept in their own words. */
const EXAMPLE_STORIES = 8

/** A corpus on its way through a tokenizer: what has been read of it so far. */
export interface EncodedCorpus {
  /** Every story's token ids. */
  readonly stories: readonly Uint32Array[]
  readonly positionCount: number
  /** Stories longer than the context. */
  readonly cutCount: number
  /** Stories of each source. */
  readonly bySource: ReadonlyMap<string, number>
  exampleStories(): { readonly story: number; readonly text: string }[]
  /** The stories a block at a time, in order. */
  blocks(): AsyncGenerator<readonly EncodedStory[]>
}

export interface EncodeOptions {
  readonly contextLength: number
  /** Ends before the story that would go beyond so many positions; null for no limit. */
  readonly limitPositions: number | null
  readonly exampleSeed: number
}

/** Encodes `stories` as they are asked for, each with what the tokenizer adds ([EOS]) and cut at the context. */
export function encodeCorpus(
  stories: AsyncIterable<Story>,
  tokenizer: Tokenizer,
  { contextLength, limitPositions, exampleSeed }: EncodeOptions,
): EncodedCorpus {
  const encoded: Uint32Array[] = []
  const bySource = new Map<string, number>()
  const sample = createStorySample(exampleSeed, EXAMPLE_STORIES)
  let positionCount = 0
  let cutCount = 0

  async function* blocks(): AsyncGenerator<readonly EncodedStory[]> {
    let block: EncodedStory[] = []
    let blockPositions = 0
    for await (const { text, source, place } of stories) {
      const whole = tokenizer.encode(text).ids
      const ids = whole.slice(0, contextLength)
      if (ids.length === 0) throw new AtlasError('story/empty', `${place}: 0 tokens, expected at least 1`)
      if (limitPositions !== null && positionCount + ids.length > limitPositions) break
      const story = encoded.push(Uint32Array.from(ids)) - 1
      bySource.set(source, (bySource.get(source) ?? 0) + 1)
      positionCount += ids.length
      if (whole.length > contextLength) cutCount += 1
      else sample.offer(story, ids.length, text)
      block.push({ story, ids })
      blockPositions += ids.length
      if (blockPositions < BLOCK_POSITIONS) continue
      yield block
      block = []
      blockPositions = 0
    }
    if (block.length > 0) yield block
  }
  return {
    stories: encoded,
    get positionCount() {
      return positionCount
    },
    get cutCount() {
      return cutCount
    },
    bySource,
    exampleStories: sample.stories,
    blocks,
  }
}
