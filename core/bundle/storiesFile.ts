import { AtlasError } from '../errors/AtlasError.ts'
import { concatenate } from './gunzip.ts'
import { decodeVarints, encodeVarints } from './varints.ts'

/** Every story as the number of its tokens and their ids, in varints; files one after the other are one file. */
export function encodeStories(stories: readonly Uint32Array[]): Uint8Array<ArrayBuffer> {
  const blobs = stories.map((ids) => encodeVarints([ids.length, ...ids]))
  return concatenate(
    blobs,
    blobs.reduce((sum, blob) => sum + blob.length, 0),
  )
}

/** The `storyCount` stories of a file of `encodeStories`; `place` is for messages. */
export function decodeStories(bytes: Uint8Array, storyCount: number, place: string): Uint32Array[] {
  const numbers = decodeVarints(bytes, place)
  const stories: Uint32Array[] = []
  for (let start = 0; start < numbers.length; ) {
    const end = start + 1 + (numbers[start] ?? 0)
    if (end > numbers.length) throw new AtlasError('format/malformed', `${place}: story ${stories.length} is cut off`)
    stories.push(numbers.subarray(start + 1, end))
    start = end
  }
  if (stories.length === storyCount) return stories
  throw new AtlasError('format/malformed', `${place}: ${stories.length} stories, expected ${storyCount}`)
}
