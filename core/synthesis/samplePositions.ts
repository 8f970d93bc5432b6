import type { Tokenizer } from '../tokenizer/createTokenizer.ts'
import type { PositionSample } from './collectModuleInputs.ts'
import { RandomStream } from './RandomStream.ts'

/** The first whole stories that together have `positionCount` positions, or all of them; each cut at the context. */
export function samplePositions(
  stories: Iterable<string>,
  tokenizer: Tokenizer,
  positionCount: number,
  contextLength: number,
  seed: number,
): PositionSample {
  const taken: (readonly number[])[] = []
  let count = 0
  for (const story of stories) {
    if (count >= positionCount) break
    const ids = tokenizer.encode(story).ids.slice(0, contextLength)
    taken.push(ids)
    count += ids.length
  }
  return { stories: taken, places: new RandomStream(seed, 'positions').permutation(count) }
}
